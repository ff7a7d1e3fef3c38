#include "tools/diff/codec_mixed.hpp"

#include <algorithm>
#include <bit>

#include "core/delta/sbd/constant_math.hpp"
#include "tools/diff/codec_input.hpp"

namespace sb::diff {
namespace {

// Probabilities of a 1 have 12 bits; logits count 1/256 nat, within ±2047.
constexpr int logit_limit = 2047;
constexpr int ones = 4096;

/// Of a logit within the limit, in `probabilities`.
constexpr std::size_t place_of(int logit) {
    return static_cast<std::size_t>(std::ptrdiff_t{logit} + logit_limit);
}

consteval std::array<std::uint16_t, 2 * logit_limit + 1> make_probabilities() {
    std::array<std::uint16_t, 2 * logit_limit + 1> table{};
    for (int logit = -logit_limit; logit <= logit_limit; ++logit)
        table[place_of(logit)] = static_cast<std::uint16_t>(1 + (ones - 2) / (1 + sbd::exponential(-logit / 256.0)));
    return table;
}
constexpr auto probabilities = make_probabilities();

/// The lowest logit of at least each probability.
constexpr auto logits = [] {
    std::array<std::int16_t, ones> table{};
    int logit = -logit_limit;
    for (int p = 0; p < ones; ++p) {
        while (logit < logit_limit && probabilities[place_of(logit)] < p) ++logit;
        table[static_cast<std::size_t>(p)] = static_cast<std::int16_t>(logit);
    }
    return table;
}();

int squash(int logit) {
    return probabilities[place_of(std::clamp(logit, -logit_limit, logit_limit))];
}

/// 12 bits of probability less one half, 4 bits that count; 0 is fresh.
class MixedCell {
public:
    [[nodiscard]] int probability() const { return (value_ >> 4) + ones / 2; }
    void learn(int bit) {
        static constexpr std::array<int, 16> rates{32768, 21845, 16384, 13107, 10922, 9362, 8192, 7281,
                                                   6554,  5461,  4681,  4096,  3449,  2979, 2521, 2048};
        const int count = value_ & 15, p = probability();
        const int moved =
            p + (((bit != 0 ? ones - 1 : 0) - p) * rates[static_cast<std::size_t>(count)] + 32768) / 65536;
        value_ = static_cast<std::int16_t>((moved - ones / 2) * 16 + std::min(count + 1, most_count));
    }

private:
    static constexpr int most_count = 9;
    std::int16_t value_ = 0;
};

/// What followed the last time that the last bytes stood there.
class Repeats {
public:
    void restart() {
        past_.assign(past_bytes, 0);
        places_.assign(std::size_t{1} << hash_bits, 0);
        trust_.fill({});
        count_ = from_ = length_ = 0;
    }
    /// For the bit behind those of `partial`, a logit: 0 where nothing repeats.
    [[nodiscard]] int logit(std::uint32_t partial) {
        const auto bits = static_cast<unsigned>(std::bit_width(partial)) - 1;
        const std::uint32_t expected = past_[from_ % past_bytes] | 0x100U;
        asked_ = length_ != 0 && expected >> (8 - bits) == partial;
        if (!asked_) return 0;
        expected_bit_ = static_cast<int>(expected >> (7 - bits) & 1);
        const int right = logits[static_cast<std::size_t>(trusted().probability())];
        return expected_bit_ != 0 ? right : -right;
    }
    void learn(int bit) {
        if (asked_) trusted().learn(bit == expected_bit_ ? 1 : 0);
    }
    /// A byte is complete; `last` ends with it.
    void append(std::uint32_t last) {
        const auto byte = static_cast<std::uint8_t>(last);
        length_ = length_ != 0 && past_[from_ % past_bytes] == byte ? std::min(length_ + 1, longest) : 0;
        ++from_;
        past_[count_ % past_bytes] = byte;
        ++count_;
        std::uint32_t& place = places_[last * 0x9e3779b1U >> (32 - hash_bits)];  // golden section
        if (length_ == 0 && place != 0 && count_ - place < past_bytes) {
            from_ = place;
            length_ = 1;
        }
        place = count_;
    }

private:
    static constexpr std::uint32_t past_bytes = 1U << 16, longest = 31;
    static constexpr unsigned hash_bits = 14;

    [[nodiscard]] MixedCell& trusted() { return trust_[length_]; }

    std::vector<std::uint8_t> past_;
    std::vector<std::uint32_t> places_;           ///< behind the last four bytes, by their hash
    std::array<MixedCell, longest + 1> trust_{};  ///< by how many bytes came as expected
    std::uint32_t count_ = 0, from_ = 0, length_ = 0;
    int expected_bit_ = 0;
    bool asked_ = false;
};

/// Contexts of the last 0 to 4 bytes and what repeats, mixed with weights that are chosen by the bits of the present
/// byte.
class MixedModel {
public:
    MixedModel() { restart(); }

    void restart() {
        for (std::size_t k = 0; k < orders; ++k) cells_[k].assign(std::size_t{1} << table_bits[k], {});
        repeats_.restart();
        weights_.fill(first_weight);
        last_ = 0;
        begin_byte();
    }
    /// Of the next bit being a 1, in 1/4096.
    [[nodiscard]] int probability() {
        int sum = 0;
        const int* const weights = &weights_[partial_ * inputs];
        for (std::size_t k = 0; k < orders; ++k) {
            at_[k] = &cells_[k][cell_of(k)];
            inputs_[k] = logits[static_cast<std::size_t>(at_[k]->probability())];
            sum += inputs_[k] * weights[k] / 256;
        }
        inputs_[orders] = repeats_.logit(partial_);
        sum += inputs_[orders] * weights[orders] / 256;
        return mixed_ = squash(sum / 256);
    }
    void learn(int bit) {
        const int error = (bit != 0 ? ones : 0) - mixed_;
        int* const weights = &weights_[partial_ * inputs];
        for (std::size_t k = 0; k < inputs; ++k)
            weights[k] = std::clamp(weights[k] + (inputs_[k] * error + rounding) / learning, -most_weight, most_weight);
        for (MixedCell* const cell : at_) cell->learn(bit);
        repeats_.learn(bit);
        partial_ = partial_ << 1 | static_cast<std::uint32_t>(bit);
        if (partial_ < 256) return;
        last_ = last_ << 8 | (partial_ & 0xff);
        repeats_.append(last_);
        begin_byte();
    }
    /// The byte that the last eight bits made.
    [[nodiscard]] std::uint8_t byte() const { return static_cast<std::uint8_t>(last_); }

private:
    static constexpr std::size_t orders = 5, inputs = orders + 1;
    static constexpr std::array<unsigned, orders> table_bits{8, 16, 16, 15, 15};
    static constexpr int first_weight = 0x4000, most_weight = 0x80000;  // 65536 is a weight of 1
    static constexpr int learning = 1 << 11, rounding = 1 << 10;

    void begin_byte() {
        partial_ = 1;
        for (std::size_t k = 0; k < orders; ++k) {
            const std::uint32_t seen = k == 0 ? 0 : k == 4 ? last_ : last_ & ((1U << 8 * k) - 1);
            contexts_[k] = (seen + static_cast<std::uint32_t>(k)) * 0x9e3779b1U;  // golden section
        }
    }
    [[nodiscard]] std::size_t cell_of(std::size_t order) const {
        if (order == 0) return partial_;
        if (order == 1) return (last_ & 0xff) << 8 | partial_;
        const std::uint32_t hash = (contexts_[order] + partial_ * 0x2c1b3c6dU) * 0x297a2d39U;
        return hash >> (32 - table_bits[order]);
    }

    std::array<std::vector<MixedCell>, orders> cells_;
    std::array<int, 256 * inputs> weights_{};
    std::array<std::uint32_t, orders> contexts_{};
    std::array<MixedCell*, orders> at_{};
    std::array<int, inputs> inputs_{};
    Repeats repeats_;
    std::uint32_t last_ = 0, partial_ = 1;
    int mixed_ = 0;
};

/// Where [low, high] is divided; 1 is below. Requires: 0 < p < 4096.
std::uint32_t middle(std::uint32_t low, std::uint32_t high, int p) {
    return low + static_cast<std::uint32_t>(std::uint64_t{high - low} * static_cast<unsigned>(p) >> 12);
}
bool top_byte_is_known(std::uint32_t low, std::uint32_t high) {
    return ((low ^ high) >> 24) == 0;
}

}  // namespace

std::vector<std::uint8_t> pack_mixed(Bytes plain) {
    std::vector<std::uint8_t> packed(4);
    store_le(MutableBytes(packed), 0, static_cast<std::uint32_t>(plain.size()));
    MixedModel model;
    std::uint32_t low = 0, high = 0xffffffff;
    const auto put_known = [&] {
        packed.push_back(static_cast<std::uint8_t>(high >> 24));
        low <<= 8;
        high = high << 8 | 0xff;
    };
    for (std::size_t at = 0; at < plain.size(); ++at) {
        if (at != 0 && at % mixed_window_bytes == 0) model.restart();
        for (int bit = 7; bit >= 0; --bit) {
            const int one = plain[at] >> bit & 1;
            const std::uint32_t divide = middle(low, high, model.probability());
            (one != 0 ? high : low) = one != 0 ? divide : divide + 1;
            model.learn(one);
            while (top_byte_is_known(low, high)) put_known();
        }
    }
    for (int k = 0; k < 4; ++k) put_known();
    return packed;
}

struct MixedStream::State {
    explicit State(ByteStream& packed) : input(packed) {}

    Result<void> begin() {
        std::array<std::uint8_t, 4> bytes{};
        for (auto& b : bytes) {
            SB_TRY_ASSIGN(b, input.byte());
        }
        left = load_le<std::uint32_t>(bytes);
        for (int k = 0; k < 4; ++k) {
            SB_TRY(shift());
        }
        low = 0;
        high = 0xffffffff;
        begun = true;
        return {};
    }
    Result<void> shift() {
        SB_TRY_ASSIGN(const std::uint8_t next, input.byte());
        code = code << 8 | next;
        low <<= 8;
        high = high << 8 | 0xff;
        return {};
    }
    Result<std::uint8_t> byte() {
        if (done != 0 && done % mixed_window_bytes == 0) model.restart();
        for (int k = 0; k < 8; ++k) {
            const std::uint32_t divide = middle(low, high, model.probability());
            const int one = code <= divide ? 1 : 0;
            (one != 0 ? high : low) = one != 0 ? divide : divide + 1;
            model.learn(one);
            while (top_byte_is_known(low, high)) {
                SB_TRY(shift());
            }
        }
        ++done;
        --left;
        return model.byte();
    }

    PackedInput input;
    MixedModel model;
    bool begun = false;
    std::uint32_t left = 0, done = 0;
    std::uint32_t low = 0, high = 0xffffffff, code = 0;
};

MixedStream::MixedStream(ByteStream& packed) : state_(std::make_unique<State>(packed)) {}
MixedStream::~MixedStream() = default;

Result<std::size_t> MixedStream::read(MutableBytes to) {
    State& s = *state_;
    if (!s.begun) SB_TRY(s.begin());
    if (s.left == 0) {
        SB_TRY(s.input.at_end());
        return 0;
    }
    const std::size_t count = std::min<std::size_t>(to.size(), s.left);
    for (std::size_t k = 0; k < count; ++k) {
        SB_TRY_ASSIGN(to[k], s.byte());
    }
    return count;
}

}  // namespace sb::diff
