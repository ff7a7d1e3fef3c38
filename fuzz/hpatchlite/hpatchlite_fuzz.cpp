// HPatchLite on hostile patches: the decoder of devices, the reader of the host and what explains a patch. The first
// byte chooses what the rest is: a patch as it stands, a stream behind a header that is right, plain or packed with
// tinyuz, or changes to a good patch; then come the image size and how a device is fed. Beyond "no access out of
// bounds": output never exceeds what was announced; how a patch is cut changes nothing; the host makes what a device
// makes; decoding goes on from a checkpoint to the same bytes.
#include <cstdlib>

#include "core/delta/hpatchlite.hpp"
#include "core/delta/testing.hpp"
#include "tools/diff/hpatchlite_writer.hpp"
#include "tools/diff/patch.hpp"

namespace sb {
namespace {

using delta_testing::Buffer;
using delta_testing::Outcome;
using delta_testing::Pair;

constexpr std::uint32_t dictionary_bytes = 4096;

void require(bool holds) {
    if (!holds) std::abort();
}

struct Sample {
    Pair pair = delta_testing::two_builds(3000, 8);
    Buffer patches[2];

    Sample() {
        for (const bool packed : {false, true}) {
            diff::DiffOptions options;
            options.format = "hpatchlite";
            options.compress = packed ? "tuz" : "none";
            options.ram_bytes = dictionary_bytes;
            patches[packed] = diff::make_patch(pair.old_image, pair.new_image, options).bytes;
        }
    }
};

const Sample& sample() {
    static const Sample made;
    return made;
}

struct Device {
    explicit Device(std::size_t image_bytes)
        : reader(sample().pair.old_image),
          work(dictionary_bytes, 0xde),
          decoder(static_cast<std::uint32_t>(image_bytes), reader, work) {}
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;

    MemoryReader reader;
    Buffer work;
    HpatchliteDecoder decoder;
};

Buffer make_patch(unsigned mode, std::size_t& image_bytes, Bytes rest) {
    Buffer patch(rest.begin(), rest.end());
    if (mode == 1) {
        patch = diff::hpatchlite_header(HpatchliteCompression::none, image_bytes, 0);
        patch.insert(patch.end(), rest.begin(), rest.end());
    } else if (mode == 2) {
        const std::size_t plain_bytes = rest.empty() ? 1 : rest.back() * 16 + 1;
        patch = diff::hpatchlite_header(HpatchliteCompression::tinyuz, image_bytes, plain_bytes);
        patch.insert(patch.end(), {0, 1, 0, 0});
        patch.insert(patch.end(), rest.begin(), rest.end());
    } else if (mode >= 3) {
        image_bytes = sample().pair.new_image.size();
        patch = sample().patches[mode & 1];
        for (; rest.size() >= 3; rest = rest.subspan(3)) {
            std::uint8_t& changed = patch[load_le<std::uint16_t>(rest) % patch.size()];
            changed = static_cast<std::uint8_t>(changed ^ rest[2]);
        }
    }
    return patch;
}

void go_on_from_a_checkpoint(std::size_t image_bytes, Bytes patch, const Buffer& image) {
    Device first(image_bytes);
    Buffer room(100);
    const auto p = first.decoder.decode(patch, room);
    require(p.has_value());
    Checkpoint checkpoint;
    if (!first.decoder.checkpoint(checkpoint)) return;
    Device second(image_bytes);
    require(second.decoder.restore(checkpoint, static_cast<std::uint32_t>(p->produced)).has_value());
    const Outcome rest = delta_testing::feed_whole(second.decoder, patch.subspan(checkpoint.payload_offset));
    require(rest.done && equal(rest.image, Bytes(image).subspan(p->produced)));
}

void go_on_from_noise(std::size_t image_bytes, Bytes patch, Bytes noise) {
    Checkpoint checkpoint;
    checkpoint.payload_offset = 30;
    for (std::size_t i = 0; i < checkpoint.state.size() && i < noise.size(); ++i) checkpoint.state[i] = noise[i];
    Device device(image_bytes);
    if (device.decoder.restore(checkpoint, static_cast<std::uint32_t>(image_bytes / 2)))
        require(delta_testing::feed_whole(device.decoder, patch).image.size() <= image_bytes - image_bytes / 2);
}

/// Whether the host takes the patch, which a device took when `image` is given.
void ask_the_host(Bytes patch, const Buffer* image) {
    // a host makes whatever size the header says, a few bytes may be an image of gigabytes: only what is small is made
    if (patch.size() < 5 || (patch[3] & 7) > 2) return;
    try {
        const Buffer made = diff::apply_patch(sample().pair.old_image, patch);
        require(image == nullptr || made == *image);
    } catch (const diff::PatchError& e) {
        require(image == nullptr && e.error != Error::none);
    }
    try {
        (void)diff::inspect_patch(patch);
    } catch (const diff::PatchError& e) {
        require(e.error != Error::none);
    }
}

void run(Bytes data) {
    std::size_t image_bytes = load_le<std::uint16_t>(data, 1) % 8192;
    const std::size_t in = 1U + data[3];
    const std::size_t out = 1U + data[4];
    const Buffer patch = make_patch(data[0] % 5, image_bytes, data.subspan(5));
    Device whole(image_bytes);
    const Outcome at_once = delta_testing::feed_whole(whole.decoder, patch);
    require(at_once.image.size() <= image_bytes);
    Device pieces(image_bytes);
    const Outcome cut = delta_testing::feed(pieces.decoder, patch, [&] { return in; }, [&] { return out; });
    require(cut.image.size() <= image_bytes);
    require(at_once.done == cut.done && (at_once.error == Error::none) == (cut.error == Error::none));
    const bool taken = at_once.done && at_once.error == Error::none;
    if (at_once.done) require(at_once.image.size() == image_bytes && at_once.image == cut.image);
    if (taken) go_on_from_a_checkpoint(image_bytes, patch, at_once.image);
    go_on_from_noise(image_bytes, patch, data.subspan(5));
    ask_the_host(patch, taken ? &at_once.image : nullptr);
}

}  // namespace
}  // namespace sb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size >= 5) sb::run({data, size});
    return 0;
}
