#include "tools/diff/codec_zstd.hpp"

#include <zstd.h>

#include <algorithm>
#include <bit>
#include <new>
#include <stdexcept>

#include "tools/diff/codec_input.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

void check(std::size_t result) {
    if (ZSTD_isError(result)) throw std::runtime_error(std::string("libzstd: ") + ZSTD_getErrorName(result));
}

}  // namespace

Buffer pack_zstd(Bytes plain, const ZstdEffort& effort) {
    const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
    if (!context) throw std::bad_alloc();
    Buffer packed(ZSTD_compressBound(plain.size()));
    check(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel,
                                 effort.level == 0 ? ZSTD_maxCLevel() : effort.level));
    const int window = std::clamp(static_cast<int>(std::bit_width(plain.size())), 10, effort.window_log2);
    check(ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window));
    const std::size_t used = ZSTD_compress2(context.get(), packed.data(), packed.size(), plain.data(), plain.size());
    check(used);
    packed.resize(used);
    return packed;
}

struct ZstdStream::State {
    State(ByteStream& packed, int most_window_log2) : input(packed), context(ZSTD_createDCtx()) {
        if (!context) throw std::bad_alloc();
        check(ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, most_window_log2));
    }

    PackedInput input;
    std::unique_ptr<ZSTD_DCtx, FreeContext> context;
    bool ended = false;
};

ZstdStream::ZstdStream(ByteStream& packed, int most_window_log2)
    : state_(std::make_unique<State>(packed, most_window_log2)) {}
ZstdStream::~ZstdStream() = default;

Result<std::size_t> ZstdStream::read(MutableBytes to) {
    State& s = *state_;
    while (!s.ended && !to.empty()) {
        SB_TRY_ASSIGN(const Bytes held, s.input.held());
        ZSTD_inBuffer in{held.data(), held.size(), 0};
        ZSTD_outBuffer out{to.data(), to.size(), 0};
        const std::size_t result = ZSTD_decompressStream(s.context.get(), &out, &in);
        if (ZSTD_isError(result)) return fail(Error::malformed);
        s.input.take(in.pos);
        if (result == 0) {
            s.ended = true;
            SB_TRY(s.input.at_end());
        } else if (held.empty() && out.pos == 0) {
            return fail(Error::truncated);
        }
        if (out.pos != 0) return out.pos;
    }
    return 0;
}

}  // namespace sb::diff
