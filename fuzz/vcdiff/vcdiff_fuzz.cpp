// VCDIFF on hostile patches: the decoder of devices and the reader of the host, which share the headers.
// The first byte chooses how the rest becomes a patch: as it stands, as the sections of a window whose header is right,
// or as changes to a good patch; the next two how a device is fed. Beyond "no access out of bounds": what a device
// makes, the host makes too; how a patch is cut changes nothing; output never exceeds what was announced.
#include <cstdlib>

#include "core/delta/testing.hpp"
#include "core/delta/vcdiff.hpp"
#include "tools/diff/patch.hpp"
#include "tools/diff/vcdiff_writer.hpp"

namespace sb {
namespace {

using delta_testing::Buffer;
using delta_testing::Outcome;
using delta_testing::Pair;

constexpr DecoderEntry known[] = {vcdiff_decoder};
constexpr std::uint32_t ram_bytes = 16384;
constexpr std::size_t most_bytes = std::size_t{1} << 20;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Sample {
    Pair pair = delta_testing::two_builds(3000, 8);
    std::vector<Buffer> patches;

    Sample() {
        for (const char* form : {"none", "interleaved", "lzma"}) {
            diff::DiffOptions options;
            options.format = "vcdiff";
            options.compress = form;
            options.window_bytes = 1024;
            patches.push_back(diff::make_patch(pair.old_image, pair.new_image, options).bytes);
        }
    }
};

const Sample& sample() {
    static const Sample made;
    return made;
}

/// The rest as sections, cut where its first bytes say.
Buffer as_window(Bytes rest, bool interleaved) {
    diff::VcdiffBytes sections;
    const std::size_t data = interleaved || rest.size() < 3 ? 0 : rest[0] % rest.size();
    const std::size_t addresses = interleaved || rest.size() < 3 ? 0 : rest[1] % (rest.size() - data);
    sections[0].assign(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(data));
    sections[1].assign(rest.begin() + static_cast<std::ptrdiff_t>(data),
                       rest.end() - static_cast<std::ptrdiff_t>(addresses));
    sections[2].assign(rest.end() - static_cast<std::ptrdiff_t>(addresses), rest.end());
    const std::size_t target = rest.empty() ? 0 : rest.back();
    const std::uint8_t version = interleaved ? vcdiff_version_open : vcdiff_version_rfc;
    Buffer patch;  // without a checksum, which could not be right
    diff::put_vcdiff_header(patch, version, 0);
    patch.push_back(vcdiff_from_source);
    diff::put_base128(patch, sample().pair.old_image.size());
    diff::put_base128(patch, 0);
    Buffer delta;
    diff::put_base128(delta, target);
    delta.push_back(0);
    for (const auto& section : sections) diff::put_base128(delta, section.size());
    for (const auto& section : sections) delta.insert(delta.end(), section.begin(), section.end());
    diff::put_base128(patch, delta.size());
    patch.insert(patch.end(), delta.begin(), delta.end());
    return patch;
}

Buffer changed(Buffer patch, Bytes changes) {
    for (; changes.size() >= 3; changes = changes.subspan(3)) {
        const std::size_t at = load_le<std::uint16_t>(changes) % patch.size();
        patch[at] = static_cast<std::uint8_t>(patch[at] ^ changes[2]);
    }
    return patch;
}

struct TooMuch {};

/// Takes an image of bounded size: windows may announce gigabytes.
class BoundedSink final : public diff::Sink {
public:
    void write(Bytes bytes) override {
        if (bytes.size() > most_bytes - image.size()) throw TooMuch();
        image.insert(image.end(), bytes.begin(), bytes.end());
    }
    Buffer image;
};

/// The image that the host makes, or nothing.
std::optional<Buffer> host_image(Bytes patch) {
    MemoryReader old_image{sample().pair.old_image};
    MemoryReader source{patch};
    BoundedSink sink;
    try {
        diff::apply_patch(old_image, source, sink);
        return sink.image;
    } catch (const diff::PatchError& e) {
        require(e.error != Error::none && e.offset_bytes <= patch.size());
    } catch (const TooMuch&) {
        return std::nullopt;
    }
    return std::nullopt;
}

Outcome device_image(Bytes patch, std::size_t image_bytes, std::size_t in, std::size_t out) {
    MemoryReader old_image{sample().pair.old_image};
    std::vector<std::uint32_t> work(ram_bytes / 4, 0xdeadbeef);
    DecoderStorage storage;
    DecoderSetup setup{PayloadFormat::vcdiff, static_cast<std::uint32_t>(image_bytes), ram_bytes, &old_image,
                       MutableBytes(reinterpret_cast<std::uint8_t*>(work.data()), ram_bytes)};
    Decoder* const decoder = *make_decoder(known, setup, storage);
    const Outcome outcome = delta_testing::feed(*decoder, patch, [&] { return in; }, [&] { return out; });
    require(outcome.image.size() <= image_bytes);
    return outcome;
}

/// Windows beyond a few megabytes only cost time here.
bool reasonable(Bytes patch) {
    try {
        const auto info = diff::inspect_patch(patch);
        return info && info->new_bytes <= most_bytes;
    } catch (const diff::PatchError&) {
        return true;
    }
}

void run(Bytes data) {
    const unsigned mode = data[0] % 8;
    const std::size_t in = 1U + data[1];
    const std::size_t out = 1U + data[2];
    const Bytes rest = data.subspan(3);
    Buffer patch(rest.begin(), rest.end());
    if (mode == 1 || mode == 2) patch = as_window(rest, mode == 2);
    if (mode >= 3) patch = changed(sample().patches[mode % 3], rest);
    if (!diff::is_patch(patch) || !reasonable(patch)) return;
    const auto host = host_image(patch);
    const std::size_t image_bytes = host ? host->size() : sample().pair.new_image.size();
    const Outcome at_once = device_image(patch, image_bytes, patch.size() + 1, 65536);
    const Outcome in_pieces = device_image(patch, image_bytes, in, out);
    require(at_once.done == in_pieces.done && at_once.image == in_pieces.image);
    if (at_once.done && host) require(at_once.image == *host);
}

}  // namespace
}  // namespace sb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size >= 3) sb::run({data, size});
    return 0;
}
