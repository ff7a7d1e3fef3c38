#include "tools/diff/codec_zlib.hpp"

#define ZLIB_CONST  // next_in points to bytes that zlib does not change
#include <zlib.h>

#include <stdexcept>

#include "tools/diff/codec_input.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr int window_bits = 15;

Buffer deflated(Bytes plain, int memory_level, int strategy) {
    z_stream z{};
    if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, -window_bits, memory_level, strategy) != Z_OK)
        throw std::runtime_error("zlib cannot start");
    Buffer packed(deflateBound(&z, static_cast<uLong>(plain.size())) + 1);
    packed[0] = static_cast<std::uint8_t>(-window_bits);
    z.next_in = plain.data();
    z.avail_in = static_cast<uInt>(plain.size());
    z.next_out = packed.data() + 1;
    z.avail_out = static_cast<uInt>(packed.size() - 1);
    const int result = deflate(&z, Z_FINISH);
    packed.resize(z.total_out + 1);
    deflateEnd(&z);
    if (result != Z_STREAM_END) throw std::runtime_error("zlib failed to pack: error " + std::to_string(result));
    return packed;
}

}  // namespace

Buffer pack_zlib(Bytes plain) {
    if (plain.size() >> 31 != 0) throw std::length_error("more than 2 GiB to pack");
    Buffer best;
    for (const int memory_level : {8, 9}) {
        for (const int strategy : {Z_DEFAULT_STRATEGY, Z_FILTERED}) {
            Buffer packed = deflated(plain, memory_level, strategy);
            if (best.empty() || packed.size() < best.size()) best = std::move(packed);
        }
    }
    return best;
}

struct ZlibStream::State {
    explicit State(ByteStream& packed) : input(packed) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() {
        if (open) inflateEnd(&z);
    }

    Result<void> begin() {
        SB_TRY_ASSIGN(const std::uint8_t byte, input.byte());
        const int bits = byte < 128 ? byte : byte - 256;
        const int size = bits < 0 ? -bits : bits;
        if (size < 8 || size > 15) return fail(Error::unsupported);
        if (inflateInit2(&z, bits) != Z_OK) return fail(Error::unsupported);
        open = true;
        return {};
    }

    PackedInput input;
    z_stream z{};
    bool open = false;
    bool ended = false;
};

ZlibStream::ZlibStream(ByteStream& packed) : state_(std::make_unique<State>(packed)) {}
ZlibStream::~ZlibStream() = default;

Result<std::size_t> ZlibStream::read(MutableBytes to) {
    State& s = *state_;
    if (!s.open) SB_TRY(s.begin());
    while (!s.ended && !to.empty()) {
        SB_TRY_ASSIGN(const Bytes held, s.input.held());
        s.z.next_in = held.data();
        s.z.avail_in = static_cast<uInt>(held.size());
        const auto room = static_cast<uInt>(std::min<std::size_t>(to.size(), 1U << 30));
        s.z.next_out = to.data();
        s.z.avail_out = room;
        const int result = inflate(&s.z, Z_NO_FLUSH);
        s.input.take(held.size() - s.z.avail_in);
        if (result == Z_STREAM_END) {
            s.ended = true;
            SB_TRY(s.input.at_end());
        } else if (result == Z_BUF_ERROR && held.empty()) {
            return fail(Error::truncated);
        } else if (result != Z_OK) {
            return fail(Error::malformed);
        }
        if (s.z.avail_out != room) return room - s.z.avail_out;
    }
    return 0;
}

}  // namespace sb::diff
