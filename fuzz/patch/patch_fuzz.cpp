// Every decoder of core/delta on hostile payloads. The first bytes of an input choose the decoder, the announced size,
// how the payload is fed, and what the rest is: a payload as it stands, what follows well-formed headers, or changes
// to a good patch. Beyond "no access out of bounds": output never exceeds what was announced, how the payload is cut
// changes nothing, and decoding goes on from a checkpoint to the same bytes.
#include <cstdlib>
#include <utility>

#include "core/delta/testing.hpp"
#include "tools/diff/endsley_writer.hpp"
#include "tools/diff/patch.hpp"

namespace sb {
namespace {

using delta_testing::Bench;
using delta_testing::Buffer;
using delta_testing::Outcome;
using delta_testing::Pair;

struct Sample {
    Pair pair = delta_testing::two_builds(3000, 8);
    Buffer patches[4];

    Sample() {
        patches[0] = pair.new_image;
        patches[1] = patch("lzma", "lzma");
        patches[2] = patch("endsley", "none");
        patches[3] = patch("endsley", "lzma");
    }
    Buffer patch(const char* format, const char* compress) const {
        diff::DiffOptions options;
        options.format = format;
        options.compress = compress;
        options.segment_bytes = 1024;
        return diff::make_patch(pair.old_image, pair.new_image, options).bytes;
    }
};

const Sample& sample() {
    static const Sample made;
    return made;
}

void append(Buffer& to, Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

void put_length(Buffer& to, std::size_t value) {
    for (; value >= 0x80; value >>= 7) to.push_back(static_cast<std::uint8_t>(value | 0x80));
    to.push_back(static_cast<std::uint8_t>(value));
}

/// `rest` behind headers that are right, so that its bytes reach the coder or the triples.
Buffer behind_headers(PayloadFormat format, std::size_t image_bytes, Bytes rest) {
    Buffer payload;
    if (format == PayloadFormat::endsley || format == PayloadFormat::endsley_lzma)
        payload = diff::endsley_header(image_bytes);
    if ((format == PayloadFormat::lzma || format == PayloadFormat::endsley_lzma) && !rest.empty()) {
        append(payload, lzma_segments_magic);
        payload.push_back(0x1c);
        put_length(payload, rest.size());
        put_length(payload, std::max<std::size_t>(image_bytes, 1));
    }
    append(payload, rest);
    return payload;
}

Buffer changed(Buffer patch, Bytes changes) {
    for (; changes.size() >= 3; changes = changes.subspan(3)) {
        const std::size_t at = load_le<std::uint16_t>(changes) % patch.size();
        patch[at] = static_cast<std::uint8_t>(patch[at] ^ changes[2]);
    }
    return patch;
}

void require(bool holds) {
    if (!holds) std::abort();
}

/// Takes the first checkpoint after some output, goes on from it, and compares.
void go_on_from_a_checkpoint(PayloadFormat format, std::size_t image_bytes, Bytes payload, const Buffer& image) {
    Bench first(format, image_bytes, sample().pair.old_image);
    Buffer room(512);
    Checkpoint checkpoint;
    std::size_t used = 0;
    std::size_t made = 0;
    for (;;) {
        const auto p = first.decoder->decode(payload.subspan(used), room);
        require(p.has_value());
        used += p->consumed;
        made += p->produced;
        if (made != 0 && first.decoder->checkpoint(checkpoint)) break;
        if (p->done || (p->consumed == 0 && p->produced == 0)) return;
    }
    Bench second(format, image_bytes, sample().pair.old_image);
    require(second.decoder->restore(checkpoint, static_cast<std::uint32_t>(made)).has_value());
    require(checkpoint.payload_offset <= payload.size());
    const Outcome rest = delta_testing::feed_whole(*second.decoder, payload.subspan(checkpoint.payload_offset));
    require(rest.done && equal(rest.image, Bytes(image).subspan(made)));
}

/// A restore from bytes that nobody saved must be refused or stay in bounds.
void go_on_from_noise(PayloadFormat format, std::size_t image_bytes, Bytes payload, Bytes noise) {
    Checkpoint checkpoint;
    checkpoint.payload_offset = 30;
    for (std::size_t i = 0; i < checkpoint.state.size() && i < noise.size(); ++i) checkpoint.state[i] = noise[i];
    Bench b(format, image_bytes, sample().pair.old_image);
    if (b.decoder->restore(checkpoint, static_cast<std::uint32_t>(image_bytes / 2)))
        require(delta_testing::feed_whole(*b.decoder, payload).image.size() <= image_bytes - image_bytes / 2);
}

void run(Bytes data) {
    const auto format = static_cast<PayloadFormat>(data[0] & 3);
    const unsigned mode = data[0] >> 2 & 3;
    std::size_t image_bytes = load_le<std::uint16_t>(data, 1) % 8192;
    const std::size_t in = 1U + data[3];
    const std::size_t out = 1U + data[4];
    const Bytes rest = data.subspan(5);
    Buffer payload(rest.begin(), rest.end());
    if (mode == 1) payload = behind_headers(format, image_bytes, rest);
    if (mode >= 2) {
        image_bytes = sample().pair.new_image.size();
        payload = changed(sample().patches[static_cast<std::size_t>(format)], rest);
    }
    Bench whole(format, image_bytes, sample().pair.old_image);
    const Outcome at_once = delta_testing::feed_whole(*whole.decoder, payload);
    require(at_once.image.size() <= image_bytes);
    Bench pieces(format, image_bytes, sample().pair.old_image);
    const Outcome in_pieces = delta_testing::feed(*pieces.decoder, payload, [&] { return in; }, [&] { return out; });
    require(in_pieces.image.size() <= image_bytes);
    require(at_once.done == in_pieces.done && (at_once.error == Error::none) == (in_pieces.error == Error::none));
    if (at_once.done) {
        require(at_once.image.size() == image_bytes && at_once.image == in_pieces.image);
        if (at_once.error == Error::none) go_on_from_a_checkpoint(format, image_bytes, payload, at_once.image);
    }
    go_on_from_noise(format, image_bytes, payload, rest);
    try {
        (void)diff::inspect_patch(payload);
    } catch (const diff::PatchError& e) {
        require(e.error != Error::none);
    }
}

}  // namespace
}  // namespace sb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size >= 5) sb::run({data, size});
    return 0;
}
