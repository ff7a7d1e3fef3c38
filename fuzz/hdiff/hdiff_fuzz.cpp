// HDIFF13 and HDIFFSF20 on hostile patches: the reader of the host with every decompressor, and the decoder of devices.
// The first byte chooses how the rest becomes a patch: as it stands, as the parts or the steps behind a header that is
// right, or as changes to a good patch; the next two how a device is fed. Beyond "no access out of bounds": output
// never exceeds what was announced, what a device makes the host makes too, how a patch is cut changes nothing, and
// decoding goes on from a checkpoint to the same bytes.
#include <cstdlib>

#include "core/delta/hdiff_header.hpp"
#include "core/delta/hdiff_steps.hpp"
#include "core/delta/testing.hpp"
#include "tools/diff/hdiff_writer.hpp"
#include "tools/diff/patch.hpp"

namespace sb {
namespace {

using delta_testing::Buffer;
using delta_testing::Outcome;
using delta_testing::Pair;

constexpr std::uint32_t ram_bytes = 4096;
constexpr std::uint32_t most_bytes = 1U << 20;
constexpr const char* compressions[] = {"none", "zlib", "lzma", "lzma2", "zstd", "bzip2"};

void require(bool holds) {
    if (!holds) std::abort();
}

struct Sample {
    Pair pair = delta_testing::two_builds(3000, 8);
    std::vector<Buffer> patches;

    Sample() {
        for (const char* form : {"hdiffsf", "hdiff13"}) {
            for (const char* compress : compressions) {
                diff::DiffOptions options;
                options.format = form;
                options.compress = compress;
                if (options.format == "hdiffsf") options.ram_bytes = 512;
                patches.push_back(diff::make_patch(pair.old_image, pair.new_image, options).bytes);
            }
        }
    }
};

const Sample& sample() {
    static const Sample made;
    return made;
}

void append(Buffer& to, Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

/// `rest` as the body behind a header of HDIFFSF20; its last two bytes are image size and covers.
Buffer as_steps(Bytes rest) {
    Buffer patch(hdiff_steps_magic.begin(), hdiff_steps_magic.end());
    const std::size_t image = rest.size() < 2 ? 0 : rest.back();
    const std::size_t covers = rest.size() < 2 ? 0 : rest[rest.size() - 2] % 16U;
    for (const std::size_t number :
         {image, sample().pair.old_image.size(), covers, std::size_t{256}, rest.size(), std::size_t{0}})
        diff::put_hdiff_number(patch, number);
    append(patch, rest);
    return patch;
}

/// `rest` as the parts of HDIFF13, cut where its first bytes say.
Buffer as_parts(Bytes rest) {
    Buffer patch(hdiff_parts_magic.begin(), hdiff_parts_magic.end());
    patch.push_back(0);
    std::array<std::size_t, 4> sizes{};
    std::size_t left = rest.size();
    for (std::size_t i = 0; i < 3 && i < rest.size(); ++i) {
        sizes[i] = rest[i] % (left + 1);
        left -= sizes[i];
    }
    sizes[3] = left;
    const std::size_t image = rest.empty() ? 0 : rest.back();
    for (const std::size_t number : {image, sample().pair.old_image.size(), sizes[0] / 3})
        diff::put_hdiff_number(patch, number);
    for (const std::size_t size : sizes) {
        diff::put_hdiff_number(patch, size);
        diff::put_hdiff_number(patch, 0);
    }
    append(patch, rest);
    return patch;
}

Buffer changed(Buffer patch, Bytes changes) {
    for (; changes.size() >= 3; changes = changes.subspan(3)) {
        const std::size_t at = load_le<std::uint16_t>(changes) % patch.size();
        patch[at] = static_cast<std::uint8_t>(patch[at] ^ changes[2]);
    }
    return patch;
}

bool begins_with(Bytes patch, std::string_view magic) {
    return patch.size() >= magic.size() && std::equal(magic.begin(), magic.end(), patch.begin());
}

/// What the header announces, 0 when it is broken; nothing when it is of another format, or of more than is worth the
/// time here.
std::optional<std::uint32_t> announced(Bytes patch) {
    if (!begins_with(patch, hdiff_parts_magic) && !begins_with(patch, hdiff_steps_name)) return std::nullopt;
    const auto bytes = static_cast<std::uint32_t>(patch.size());
    const auto parts = parse_hdiff_parts_header(patch, bytes);
    const auto steps = parse_hdiff_steps_header(patch, bytes);
    if (!parts && !steps) return 0;
    const std::uint32_t image = parts ? parts->new_bytes : steps->new_bytes;
    if (image > most_bytes) return std::nullopt;
    return image;
}

class BoundedSink final : public diff::Sink {
public:
    explicit BoundedSink(std::size_t most) : most_(most) {}
    void write(Bytes bytes) override {
        require(bytes.size() <= most_ - image.size());
        append(image, bytes);
    }
    Buffer image;

private:
    std::size_t most_;
};

/// The image that the host makes, or nothing.
std::optional<Buffer> host_image(Bytes patch, std::size_t most) {
    MemoryReader old_image{sample().pair.old_image};
    MemoryReader source{patch};
    BoundedSink sink(most);
    try {
        (void)diff::inspect_patch(patch);
    } catch (const diff::PatchError& e) {
        require(e.error != Error::none && e.offset_bytes <= patch.size());
    }
    try {
        diff::apply_patch(old_image, source, sink);
        require(sink.image.size() == most);
        return std::move(sink.image);
    } catch (const diff::PatchError& e) {
        require(e.error != Error::none && e.offset_bytes <= patch.size());
        return std::nullopt;
    }
}

struct Device {
    explicit Device(std::uint32_t image_bytes)
        : old_image(sample().pair.old_image), work(ram_bytes, 0xde), decoder(image_bytes, old_image, work) {}
    MemoryReader old_image;
    Buffer work;
    HdiffStepsDecoder decoder;
};

/// Takes the first checkpoint after some output, goes on from it, and compares.
void go_on_from_a_checkpoint(std::uint32_t image_bytes, Bytes patch, const Buffer& image) {
    Device first(image_bytes);
    Buffer room(1);
    std::size_t made = 0;
    for (std::size_t used = 0;;) {
        const auto p = first.decoder.decode(patch.subspan(used), made % 2 == 0 ? MutableBytes(room) : MutableBytes());
        require(p.has_value());
        used += p->consumed;
        made += p->produced;
        Checkpoint checkpoint;
        if (p->done || (p->consumed == 0 && p->produced == 0 && made % 2 == 0)) return;
        if (made % 2 != 0 && p->produced == 0) {
            if (first.decoder.checkpoint(checkpoint)) {
                Device second(image_bytes);
                require(second.decoder.restore(checkpoint, static_cast<std::uint32_t>(made)).has_value());
                const Outcome rest =
                    delta_testing::feed_whole(second.decoder, patch.subspan(checkpoint.payload_offset));
                require(rest.done && equal(rest.image, Bytes(image).subspan(made)));
                return;
            }
            const auto q = first.decoder.decode(patch.subspan(used), room);
            require(q.has_value());
            used += q->consumed;
            made += q->produced;
            if (q->done || q->produced == 0) return;
        }
    }
}

void run(Bytes data) {
    const std::size_t in = 1U + data[1];
    const std::size_t out = 1U + data[2];
    const Bytes rest = data.subspan(3);
    const auto& good = sample().patches;
    const std::size_t mode = data[0] % (good.size() + 3);
    Buffer patch(rest.begin(), rest.end());
    if (mode == 1) patch = as_steps(rest);
    if (mode == 2) patch = as_parts(rest);
    if (mode >= 3) patch = changed(good[mode - 3], rest);
    const auto image_bytes = announced(patch);
    if (!image_bytes) return;
    const auto host = host_image(patch, *image_bytes);
    Device whole(*image_bytes);
    const Outcome at_once = delta_testing::feed_whole(whole.decoder, patch);
    Device pieces(*image_bytes);
    const Outcome in_pieces = delta_testing::feed(pieces.decoder, patch, [&] { return in; }, [&] { return out; });
    require(at_once.image.size() <= *image_bytes && in_pieces.image.size() <= *image_bytes);
    require(at_once.done == in_pieces.done && (at_once.error == Error::none) == (in_pieces.error == Error::none));
    if (!at_once.done || at_once.error != Error::none) return;
    require(host && at_once.image == *host && in_pieces.image == *host);
    go_on_from_a_checkpoint(*image_bytes, patch, at_once.image);
}

}  // namespace
}  // namespace sb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size >= 3) sb::run({data, size});
    return 0;
}
