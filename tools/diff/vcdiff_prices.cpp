#include "tools/diff/vcdiff_prices.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

namespace sb::diff {
namespace {

using Kind = VcdiffStep::Kind;

float size_price(const VcdiffPrices& prices, std::size_t bytes) {
    return prices.size[static_cast<std::size_t>(std::bit_width(bytes))];
}

/// Counts that never are 0, and the price of each event.
template <std::size_t n>
struct Histogram {
    std::array<double, n> counts;
    double total = 0;
    explicit Histogram(double first) : total(first * n) { counts.fill(first); }
    void count(std::size_t event) {
        counts[event] += 1;
        total += 1;
    }
    [[nodiscard]] double price(std::size_t event) const { return std::log2(total / counts[event]); }
};

enum Code : std::size_t { run_code = 0, add_codes = 1, copy_codes = 19, codes = 38 };

std::size_t code_of(const VcdiffStep& step) {
    if (step.kind == Kind::run) return run_code;
    if (step.kind == Kind::add) return add_codes + (step.bytes <= 17 ? step.bytes : 0);
    return copy_codes + (step.bytes >= 4 && step.bytes <= 18 ? step.bytes : 0);
}

bool size_follows(const VcdiffStep& step) {
    return code_of(step) == run_code || code_of(step) == add_codes || code_of(step) == copy_codes;
}

/// How new the shift of each copy is: the four kinds that VcdiffPrices knows.
class Shifts {
public:
    unsigned kind_of(const VcdiffStep& step) {
        const std::int64_t shift = static_cast<std::int64_t>(step.from) - static_cast<std::int64_t>(step.new_at);
        unsigned kind = 3;
        if (shift == last_[0])
            kind = 0;
        else if (std::ranges::find(last_, shift) != last_.end())
            kind = 1;
        else if (std::abs(shift - last_[0]) < close_shift_bytes)
            kind = 2;
        if (kind != 0) {
            std::shift_right(last_.begin(), last_.end(), 1);
            last_[0] = shift;
        }
        return kind;
    }

private:
    std::array<std::int64_t, 4> last_{};
};

double scale(std::size_t packed_bytes, double priced_bits) {
    return priced_bits > 0 ? std::clamp(static_cast<double>(packed_bytes) * 8 / priced_bits, 0.3, 1.2) : 1;
}

}  // namespace

float VcdiffPrices::add_price(std::size_t bytes) const {
    return bytes <= 17 ? add[bytes] : add[0] + size_price(*this, bytes);
}

float VcdiffPrices::copy_price(std::size_t bytes, std::size_t added) const {
    if (!packed && added >= 1 && added <= 4 && bytes >= 4 && bytes <= 6) return 0;
    return bytes >= 4 && bytes <= 18 ? copy[bytes] : copy[0] + size_price(*this, bytes);
}

float VcdiffPrices::run_price(std::size_t bytes, std::uint8_t byte) const {
    return run + literal[byte] + size_price(*this, bytes);
}

VcdiffPrices spelled_prices() {
    VcdiffPrices prices;
    prices.literal.fill(8);
    prices.add.fill(8);
    prices.copy.fill(8);
    prices.run = 8;
    for (std::size_t bits = 0; bits < prices.size.size(); ++bits)
        prices.size[bits] = 8.0F * static_cast<float>(std::max<std::size_t>(1, (bits + 6) / 7));
    return prices;
}

VcdiffPrices guessed_prices(Bytes new_image) {
    VcdiffPrices prices;
    Histogram<256> literals(1);
    for (const std::uint8_t byte : new_image) literals.count(byte);
    for (std::size_t byte = 0; byte < 256; ++byte) prices.literal[byte] = static_cast<float>(literals.price(byte));
    prices.add.fill(5);
    prices.copy.fill(6);
    prices.copy[0] = 2;
    for (std::size_t bits = 0; bits < prices.size.size(); ++bits) prices.size[bits] = 2 + static_cast<float>(bits);
    prices.run = 10;
    prices.packed = true;
    prices.same_shift = 1;
    prices.recent_shift = 10;
    prices.close_shift = 12;
    prices.new_shift = 20;
    return prices;
}

VcdiffPrices learnt_prices(Bytes new_image, const VcdiffSteps& steps, std::size_t data_bytes,
                           std::size_t instruction_bytes, std::size_t address_bytes) {
    Histogram<256> literals(0.3);
    Histogram<codes> code_counts(0.3);
    Histogram<33> sizes(0.2);
    Histogram<4> kinds(0.5);
    Shifts shifts;
    constexpr std::array<double, 4> shift_bits{0.3, 7, 11, 18};
    double address_bits = 0;
    for (const VcdiffStep& step : steps) {
        code_counts.count(code_of(step));
        if (size_follows(step)) sizes.count(static_cast<std::size_t>(std::bit_width(step.bytes)));
        if (step.kind == Kind::copy_old) address_bits += shift_bits[shifts.kind_of(step)];
        if (step.kind == Kind::add)
            for (const std::uint8_t byte : new_image.subspan(step.new_at, step.bytes)) literals.count(byte);
    }
    VcdiffPrices prices;
    prices.packed = true;
    double literal_bits = 0;
    double code_bits = 0;
    std::array<double, 33> size_bits{};
    for (std::size_t bits = 0; bits < size_bits.size(); ++bits)
        size_bits[bits] = sizes.price(bits) + std::max(0.0, static_cast<double>(bits) - 1);
    for (const VcdiffStep& step : steps) {
        code_bits += code_counts.price(code_of(step));
        if (size_follows(step)) code_bits += size_bits[static_cast<std::size_t>(std::bit_width(step.bytes))];
    }
    for (std::size_t byte = 0; byte < 256; ++byte) literal_bits += (literals.counts[byte] - 0.3) * literals.price(byte);
    const double literal_scale = scale(data_bytes, literal_bits);
    const double code_scale = scale(instruction_bytes, code_bits);
    const double address_scale = scale(address_bytes, address_bits);
    const auto code_price = [&](std::size_t code) { return static_cast<float>(code_scale * code_counts.price(code)); };
    for (std::size_t byte = 0; byte < 256; ++byte)
        prices.literal[byte] = static_cast<float>(std::max(0.5, literal_scale * literals.price(byte)));
    for (std::size_t i = 0; i < prices.add.size(); ++i) prices.add[i] = code_price(add_codes + i);
    for (std::size_t i = 0; i < prices.copy.size(); ++i) prices.copy[i] = code_price(copy_codes + i);
    prices.run = code_price(run_code);
    for (std::size_t bits = 0; bits < size_bits.size(); ++bits)
        prices.size[bits] = static_cast<float>(code_scale * size_bits[bits]);
    prices.same_shift = static_cast<float>(address_scale * shift_bits[0]);
    prices.recent_shift = static_cast<float>(address_scale * shift_bits[1]);
    prices.close_shift = static_cast<float>(address_scale * shift_bits[2]);
    prices.new_shift = static_cast<float>(address_scale * shift_bits[3]);
    return prices;
}

}  // namespace sb::diff
