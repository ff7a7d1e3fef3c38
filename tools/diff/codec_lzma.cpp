#include "tools/diff/codec_lzma.hpp"

#include <lzma.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>

#include "tools/diff/codec_input.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::uint8_t lzma1_property_bytes = 5;
constexpr std::uint32_t least_dictionary = 4096;
constexpr std::uint32_t most_packing_dictionary = 64U << 20;
constexpr std::uint32_t most_unpacking_dictionary = 256U << 20;

/// Above these, a try takes a noticeable part of a second, or seconds.
constexpr std::size_t thorough_bytes = std::size_t{128} << 10;
constexpr std::size_t large_bytes = std::size_t{4} << 20;

struct Setting {
    std::uint32_t literal_context, literal_position, position;
    lzma_match_finder finder = LZMA_MF_BT4;
    std::uint32_t nice_length = 273;
};

/// The smallest size that lzma2 can name and that holds `bytes`: 2^n or 3 * 2^(n - 1).
std::uint32_t dictionary_for(std::size_t bytes) {
    std::uint32_t size = least_dictionary;
    while (size < bytes && size < most_packing_dictionary) {
        if (size + size / 2 >= bytes) return size + size / 2;
        size *= 2;
    }
    return size;
}

Buffer pack_with(Bytes plain, LzmaKind kind, const Setting& setting) {
    lzma_options_lzma options{};
    if (lzma_lzma_preset(&options, 9 | LZMA_PRESET_EXTREME)) throw std::runtime_error("liblzma has no preset 9");
    options.dict_size = dictionary_for(plain.size());
    options.lc = setting.literal_context;
    options.lp = setting.literal_position;
    options.pb = setting.position;
    options.mode = LZMA_MODE_NORMAL;
    options.mf = setting.finder;
    options.nice_len = setting.nice_length;
    options.depth = 1000;
    options.ext_flags = 0;  // no end marker
    const lzma_vli id = kind == LzmaKind::lzma1 ? LZMA_FILTER_LZMA1EXT : LZMA_FILTER_LZMA2;
    const lzma_filter filters[] = {{id, &options}, {LZMA_VLI_UNKNOWN, nullptr}};

    Buffer packed;
    if (kind == LzmaKind::lzma1) {
        packed = {lzma1_property_bytes,
                  static_cast<std::uint8_t>(options.lc + 9 * (options.lp + 5 * options.pb)),
                  0,
                  0,
                  0,
                  0};
        store_le(MutableBytes(packed), 2, options.dict_size);
    } else {
        const lzma_filter lzma2{LZMA_FILTER_LZMA2, &options};
        packed.resize(1);
        if (lzma_properties_encode(&lzma2, packed.data()) != LZMA_OK) throw std::runtime_error("liblzma: properties");
    }
    std::size_t used = packed.size();
    packed.resize(used + plain.size() + plain.size() / 3 + 256);
    const lzma_ret result =
        lzma_raw_buffer_encode(filters, nullptr, plain.data(), plain.size(), packed.data(), &used, packed.size());
    if (result != LZMA_OK) throw std::runtime_error("liblzma failed to pack: error " + std::to_string(result));
    packed.resize(used);
    return packed;
}

/// Keeps the smallest result so far, and how it was made.
struct Search {
    Bytes plain;
    LzmaKind kind;
    Buffer best{};
    Setting setting{};

    void attempt(const Setting& candidate) {
        Buffer packed = pack_with(plain, kind, candidate);
        if (!best.empty() && packed.size() >= best.size()) return;
        best = std::move(packed);
        setting = candidate;
    }
};

}  // namespace

Buffer pack_lzma(Bytes plain, LzmaKind kind, Effort effort) {
    Search search{plain, kind};
    search.attempt({3, 0, 0});
    const bool hopeless = search.best.size() > plain.size() - plain.size() / 64;  // packed already, or noise
    if (effort == Effort::one_setting || plain.size() > large_bytes || hopeless) return std::move(search.best);
    const bool thorough = plain.size() <= thorough_bytes;
    for (std::uint32_t position = 0; position <= 2; position += thorough ? 1 : 2)
        for (std::uint32_t lp = 0; lp <= (thorough ? 2U : 0U); ++lp)
            for (std::uint32_t lc = 0; lc + lp <= 4; lc += thorough ? 1 : 2)
                if (lc != 3 || lp != 0 || position != 0) search.attempt({lc, lp, position});
    if (!thorough) return std::move(search.best);
    const Setting found = search.setting;
    for (const lzma_match_finder finder : {LZMA_MF_BT3, LZMA_MF_BT2}) {
        for (const std::uint32_t nice_length : {273U, 64U, 24U}) {
            Setting other = found;
            other.finder = finder;
            other.nice_length = nice_length;
            search.attempt(other);
        }
    }
    return std::move(search.best);
}

struct LzmaStream::State {
    State(ByteStream& packed, LzmaKind of_kind, std::uint32_t announced_bytes)
        : input(packed), kind(of_kind), plain_bytes(announced_bytes) {}
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State() { lzma_end(&stream); }

    Result<void> begin() {
        lzma_options_lzma options{};
        if (kind == LzmaKind::lzma1) {
            SB_TRY(read_lzma1_properties(options));
        } else {
            SB_TRY(read_lzma2_properties(options));
        }
        // no distance reaches back over more than all that comes out
        options.dict_size = std::min(options.dict_size, std::max(plain_bytes, least_dictionary));
        if (options.dict_size > most_unpacking_dictionary) return fail(Error::too_large);
        const lzma_vli id = kind == LzmaKind::lzma1 ? LZMA_FILTER_LZMA1EXT : LZMA_FILTER_LZMA2;
        const lzma_filter filters[] = {{id, &options}, {LZMA_VLI_UNKNOWN, nullptr}};
        if (lzma_raw_decoder(&stream, filters) != LZMA_OK) return fail(Error::malformed);
        open = true;
        return {};
    }

    Result<void> read_lzma1_properties(lzma_options_lzma& options) {
        std::array<std::uint8_t, lzma1_property_bytes + 1> bytes;
        for (std::uint8_t& byte : bytes) {
            SB_TRY_ASSIGN(byte, input.byte());
        }
        unsigned packed = bytes[1];
        if (bytes[0] != lzma1_property_bytes || packed >= 9 * 5 * 5) return fail(Error::malformed);
        options.lc = packed % 9;
        packed /= 9;
        options.lp = packed % 5;
        options.pb = packed / 5;
        if (options.lc + options.lp > LZMA_LCLP_MAX) return fail(Error::unsupported);
        options.dict_size = load_le<std::uint32_t>(bytes, 2);
        options.ext_flags = LZMA_LZMA1EXT_ALLOW_EOPM;
        lzma_set_ext_size(options, plain_bytes);
        return {};
    }

    Result<void> read_lzma2_properties(lzma_options_lzma& options) {
        SB_TRY_ASSIGN(const std::uint8_t bits, input.byte());
        if (bits > 40) return fail(Error::malformed);
        options.dict_size = bits == 40 ? ~0U : (2U | (bits & 1U)) << (bits / 2 + 11);
        return {};
    }

    PackedInput input;
    LzmaKind kind;
    std::uint32_t plain_bytes;
    lzma_stream stream = LZMA_STREAM_INIT;
    bool open = false;
    bool ended = false;
};

LzmaStream::LzmaStream(ByteStream& packed, LzmaKind kind, std::uint32_t plain_bytes)
    : state_(std::make_unique<State>(packed, kind, plain_bytes)) {}
LzmaStream::~LzmaStream() = default;

Result<std::size_t> LzmaStream::read(MutableBytes to) {
    State& s = *state_;
    if (!s.open) SB_TRY(s.begin());
    while (!s.ended && !to.empty()) {
        SB_TRY_ASSIGN(const Bytes held, s.input.held());
        s.stream.next_in = held.data();
        s.stream.avail_in = held.size();
        s.stream.next_out = to.data();
        s.stream.avail_out = to.size();
        const lzma_ret result = lzma_code(&s.stream, LZMA_RUN);
        s.input.take(held.size() - s.stream.avail_in);
        const std::size_t made = to.size() - s.stream.avail_out;
        if (result == LZMA_STREAM_END) {
            s.ended = true;
            SB_TRY(s.input.at_end());
        } else if (result == LZMA_BUF_ERROR || (held.empty() && made == 0)) {
            return fail(Error::truncated);
        } else if (result == LZMA_MEM_ERROR) {
            return fail(Error::too_large);
        } else if (result != LZMA_OK) {
            return fail(Error::malformed);
        }
        if (made != 0) return made;
    }
    return 0;
}

}  // namespace sb::diff
