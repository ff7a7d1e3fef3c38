// BSDIFF40, and ENDSLEY/BSDIFF43 packed with bzip2, on hostile patches. The first byte chooses what the rest is: a
// patch as it stands, the three parts of a patch as the decoder of the core reads them, the same parts packed (so that
// bzip2's checksums keep nothing out), or the stream of an ENDSLEY patch packed. Beyond "no access out of bounds": how
// much is asked for at a time changes nothing, what is packed gives what is plain, and output never exceeds what was
// announced.
#include <cstdlib>

#include "core/delta/bsdiff.hpp"
#include "core/delta/testing.hpp"
#include "tools/diff/codec_bzip2.hpp"
#include "tools/diff/endsley_writer.hpp"

namespace sb {
namespace {

using delta_testing::Buffer;

constexpr std::size_t most_bytes = std::size_t{1} << 20;

void require(bool holds) {
    if (!holds) std::abort();
}

const Buffer& old_image() {
    static const Buffer made = delta_testing::code_like(3000, 8, 0);
    return made;
}

void append(Buffer& to, Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

/// Little bzip2 unpacks to much: what is beyond any use is not waited for.
struct Enough {};
class LimitedSink final : public diff::Sink {
public:
    void write(Bytes bytes) override {
        append(made, bytes);
        if (made.size() > most_bytes) throw Enough{};
    }
    Buffer made;
};

struct Outcome {
    bool good = false;
    Buffer image;
};

Outcome apply(const Buffer& patch) {
    MemoryReader old{old_image()};
    MemoryReader reader{patch};
    LimitedSink sink;
    try {
        diff::apply_patch(old, reader, sink);
        return {true, std::move(sink.made)};
    } catch (const diff::PatchError& e) {
        require(e.error != Error::none);
    } catch (const Enough&) {
        return {};
    }
    return {};
}

void explain(const Buffer& patch, const Outcome& applied) {
    try {
        const auto info = diff::inspect_patch(patch);
        require(!applied.good || (info && info->new_bytes == applied.image.size()));
    } catch (const diff::PatchError& e) {
        require(e.error != Error::none && !applied.good);
    }
}

struct Parts {
    std::uint32_t new_bytes;
    Bytes control, diff, extra;
};

/// How the first bytes cut the rest.
Parts parts_of(Bytes data) {
    const std::uint32_t new_bytes = load_le<std::uint16_t>(data) % 8192;
    const std::size_t triples = data[2] % 16U * bsdiff_triple_bytes;
    const Bytes rest = data.subspan(4);
    const Bytes control = rest.first(std::min(triples, rest.size()));
    const Bytes bytes = rest.subspan(control.size());
    const std::size_t extra = bytes.empty() ? 0 : data[3] % bytes.size();
    return {new_bytes, control, bytes.first(bytes.size() - extra), bytes.last(extra)};
}

Outcome decode(const Parts& parts, std::size_t out, std::size_t work_bytes) {
    MemoryReader old{old_image()}, control{parts.control}, diff{parts.diff}, extra{parts.extra};
    RangeStream c(control, 0, control.bytes()), d(diff, 0, diff.bytes()), e(extra, 0, extra.bytes());
    Buffer work(work_bytes), room(out);
    BsdiffDecoder decoder(parts.new_bytes, old, {c, d, e}, work);
    Outcome outcome;
    for (;;) {
        const auto count = decoder.produce(room);
        if (!count) return outcome;
        if (*count == 0) break;
        append(outcome.image, Bytes(room).first(*count));
        require(outcome.image.size() <= parts.new_bytes);
    }
    require(outcome.image.size() == parts.new_bytes);
    outcome.good = true;
    return outcome;
}

class BufferSink final : public diff::Sink {
public:
    explicit BufferSink(Buffer& to) : to_(to) {}
    void write(Bytes bytes) override { append(to_, bytes); }

private:
    Buffer& to_;
};

std::size_t pack(Buffer& to, Bytes plain) {
    const std::size_t before = to.size();
    BufferSink sink(to);
    diff::Bzip2Packer packer(sink, plain.size());
    packer.write(plain);
    packer.finish();
    return to.size() - before;
}

Buffer packed(const Parts& parts) {
    Buffer patch(bsdiff_magic.begin(), bsdiff_magic.end());
    patch.resize(bsdiff_header_bytes);
    const std::uint64_t control = pack(patch, parts.control);
    const std::uint64_t diff = pack(patch, parts.diff);
    pack(patch, parts.extra);
    store_le(MutableBytes(patch), 8, control);
    store_le(MutableBytes(patch), 16, diff);
    store_le(MutableBytes(patch), 24, std::uint64_t{parts.new_bytes});
    return patch;
}

void run_parts(Bytes data, bool also_packed) {
    const Parts parts = parts_of(data);
    const Outcome at_once = decode(parts, 8192, 8192);
    const Outcome in_pieces = decode(parts, 1U + data[2], 1U + data[3]);
    require(at_once.good == in_pieces.good && (!at_once.good || at_once.image == in_pieces.image));
    if (!also_packed) return;
    const Buffer patch = packed(parts);
    const Outcome applied = apply(patch);
    require(applied.good == at_once.good && (!applied.good || applied.image == at_once.image));
    explain(patch, applied);
}

void run_endsley(Bytes data) {
    const std::uint32_t new_bytes = load_le<std::uint16_t>(data) % 8192;
    Buffer plain = diff::endsley_header(new_bytes), patch = plain;
    append(plain, data.subspan(2));
    pack(patch, data.subspan(2));
    delta_testing::Bench device(PayloadFormat::endsley, new_bytes, old_image());
    const delta_testing::Outcome expected = delta_testing::feed_whole(*device.decoder, plain);
    const Outcome applied = apply(patch);
    // the host is stricter: it takes no long rows of triples that make nothing
    require(!applied.good || (expected.done && expected.error == Error::none && applied.image == expected.image));
    explain(patch, applied);
}

}  // namespace
}  // namespace sb

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 5) return 0;
    const sb::Bytes rest(data + 1, size - 1);
    switch (data[0] & 3U) {
        case 0: {
            const sb::Buffer patch(rest.begin(), rest.end());
            sb::explain(patch, sb::apply(patch));
            break;
        }
        case 3:
            sb::run_endsley(rest);
            break;
        default:
            sb::run_parts(rest, (data[0] & 3U) == 2);
    }
    return 0;
}
