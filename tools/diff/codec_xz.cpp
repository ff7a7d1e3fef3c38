#include "tools/diff/codec_xz.hpp"

#include <algorithm>
#include <bit>
#include <new>
#include <stdexcept>

namespace sb::diff {
namespace {

constexpr std::uint64_t memory_limit = std::uint64_t{512} << 20;
constexpr std::size_t first_room = std::size_t{1} << 16;

LzmaStream new_stream() {
    return LzmaStream(new lzma_stream(LZMA_STREAM_INIT));
}

Error error_of(lzma_ret result) {
    switch (result) {
        case LZMA_BUF_ERROR:
            return Error::truncated;
        case LZMA_MEMLIMIT_ERROR:
        case LZMA_MEM_ERROR:
            return Error::too_large;
        case LZMA_OPTIONS_ERROR:
        case LZMA_UNSUPPORTED_CHECK:
            return Error::unsupported;
        default:
            return Error::malformed;
    }
}

}  // namespace

XzUnpacker::XzUnpacker() : stream_(new_stream()) {
    if (lzma_stream_decoder(stream_.get(), memory_limit, 0) != LZMA_OK) throw std::bad_alloc();
}

Result<std::vector<std::uint8_t>> XzUnpacker::unpack(Bytes packed, std::size_t plain_bytes) {
    std::vector<std::uint8_t> plain(std::min(plain_bytes, first_room));
    stream_->next_in = packed.data();
    stream_->avail_in = packed.size();
    stream_->next_out = plain.data();
    stream_->avail_out = plain.size();
    for (;;) {
        const bool full = stream_->avail_out == 0;
        if (full && plain.size() == plain_bytes && stream_->avail_in == 0) {
            if (holds_more()) return fail(Error::malformed);
            return plain;
        }
        if (full && plain.size() < plain_bytes) {
            const std::size_t made = plain.size();
            plain.resize(std::min(plain_bytes, made * 4));
            stream_->next_out = plain.data() + made;
            stream_->avail_out = plain.size() - made;
        }
        const lzma_ret result = lzma_code(stream_.get(), LZMA_RUN);
        if (result != LZMA_OK && result != LZMA_STREAM_END) return fail(error_of(result));
        if (result == LZMA_STREAM_END && (stream_->avail_in != 0 || stream_->avail_out != 0))
            return fail(Error::malformed);
    }
}

/// Whether bytes would come without more input: then the piece is longer than was announced. True for errors, too.
bool XzUnpacker::holds_more() {
    std::uint8_t byte = 0;
    stream_->next_out = &byte;
    stream_->avail_out = 1;
    const lzma_ret result = lzma_code(stream_.get(), LZMA_RUN);  // it goes on after "no progress", LZMA_BUF_ERROR
    return stream_->avail_out == 0 || (result != LZMA_OK && result != LZMA_BUF_ERROR && result != LZMA_STREAM_END);
}

XzPacker::XzPacker(const XzSetting& setting, std::size_t plain_bytes) : stream_(new_stream()) {
    lzma_options_lzma options{};
    if (lzma_lzma_preset(&options, 9 | LZMA_PRESET_EXTREME)) throw std::runtime_error("liblzma lacks its preset 9");
    options.dict_size = static_cast<std::uint32_t>(
        std::clamp<std::size_t>(std::bit_ceil(plain_bytes), LZMA_DICT_SIZE_MIN, std::size_t{1} << 26));
    options.lc = setting.literal_context_bits;
    options.lp = setting.literal_position_bits;
    options.pb = setting.position_bits;
    const lzma_filter filters[] = {{LZMA_FILTER_LZMA2, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
    if (lzma_stream_encoder(stream_.get(), filters, LZMA_CHECK_NONE) != LZMA_OK) throw std::bad_alloc();
}

std::vector<std::uint8_t> XzPacker::pack(Bytes plain) {
    std::vector<std::uint8_t> packed(plain.size() + plain.size() / 8 + 256);
    stream_->next_in = plain.data();
    stream_->avail_in = plain.size();
    stream_->next_out = packed.data();
    stream_->avail_out = packed.size();
    lzma_ret result = LZMA_OK;
    while (result == LZMA_OK) result = lzma_code(stream_.get(), LZMA_SYNC_FLUSH);
    if (result != LZMA_STREAM_END) throw std::runtime_error("liblzma does not pack");
    packed.resize(packed.size() - stream_->avail_out);
    return packed;
}

}  // namespace sb::diff
