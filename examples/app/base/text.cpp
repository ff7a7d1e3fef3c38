#include "base/text.hpp"

#include <array>

namespace app {
namespace {

/// What stands after the colon in a pair of braces.
struct Spec {
    std::uint8_t width = 0;
    std::uint8_t decimals = 0;
    bool zero_filled = false;
    bool hexadecimal = false;
    bool thousandths = false;
    bool valid = true;
};

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

Spec parse_spec(std::string_view s) {
    Spec spec;
    std::size_t at = 0;
    if (at < s.size() && s[at] == ':') ++at;
    if (at < s.size() && s[at] == '0') {
        spec.zero_filled = true;
        ++at;
    }
    while (at < s.size() && is_digit(s[at]) && spec.width < 40) {
        spec.width = static_cast<std::uint8_t>(spec.width * 10 + (s[at++] - '0'));
    }
    if (at + 1 < s.size() && s[at] == '.' && is_digit(s[at + 1])) {
        spec.thousandths = true;
        spec.decimals = static_cast<std::uint8_t>(s[at + 1] - '0');
        at += 2;
    }
    if (at < s.size() && s[at] == 'x') {
        spec.hexadecimal = true;
        ++at;
    }
    spec.valid = at == s.size() && spec.decimals <= 3;
    return spec;
}

/// Digits are made backwards, from the end of a buffer.
class Digits {
public:
    void prepend(char c) {
        if (first_ > 0) buffer_[--first_] = c;
    }
    void number(std::uint32_t v, std::uint32_t base) {
        do {
            const std::uint32_t digit = v % base;
            prepend(static_cast<char>(digit < 10 ? '0' + digit : 'a' + digit - 10));
            v /= base;
        } while (v != 0);
    }
    [[nodiscard]] std::size_t size() const { return buffer_.size() - first_; }
    [[nodiscard]] std::string_view text() const { return {buffer_.data() + first_, size()}; }

private:
    std::array<char, 44> buffer_{};
    std::size_t first_ = buffer_.size();
};

void put_padded(Sink& out, std::string_view text, const Spec& spec, bool pad_right) {
    const std::size_t missing = spec.width > text.size() ? spec.width - text.size() : 0;
    if (!pad_right) {
        for (std::size_t i = 0; i < missing; ++i) out.put(' ');
    }
    for (const char c : text) out.put(c);
    if (pad_right) {
        for (std::size_t i = 0; i < missing; ++i) out.put(' ');
    }
}

/// Thousandths rounded half away from zero to `decimals` places.
void thousandths(Digits& digits, std::uint32_t magnitude, std::uint8_t decimals) {
    constexpr std::array<std::uint32_t, 4> drop{1000, 100, 10, 1};
    const std::uint32_t unit = drop[decimals];
    std::uint32_t scaled = (magnitude + unit / 2) / unit;
    for (std::uint8_t i = 0; i < decimals; ++i) {
        digits.prepend(static_cast<char>('0' + scaled % 10));
        scaled /= 10;
    }
    if (decimals > 0) digits.prepend('.');
    digits.number(scaled, 10);
}

void put_number(Sink& out, const Arg& arg, const Spec& spec) {
    std::uint32_t magnitude = arg.number();
    const bool negative =
        arg.kind() == Arg::Kind::signed_number && static_cast<std::int32_t>(magnitude) < 0 && !spec.hexadecimal;
    if (negative) magnitude = 0 - magnitude;
    Digits digits;
    if (spec.thousandths) {
        thousandths(digits, magnitude, spec.decimals);
    } else {
        digits.number(magnitude, spec.hexadecimal ? 16 : 10);
    }
    if (spec.zero_filled) {
        const std::size_t want = spec.width > (negative ? 1U : 0U) ? spec.width - (negative ? 1U : 0U) : 0U;
        while (digits.size() < want) digits.prepend('0');
    }
    if (negative) digits.prepend('-');
    put_padded(out, digits.text(), spec, false);
}

void put_arg(Sink& out, const Arg& arg, const Spec& spec) {
    switch (arg.kind()) {
        case Arg::Kind::text:
            put_padded(out, arg.text(), spec, true);
            return;
        case Arg::Kind::character: {
            const char c = static_cast<char>(arg.number());
            put_padded(out, {&c, 1}, spec, true);
            return;
        }
        case Arg::Kind::signed_number:
        case Arg::Kind::unsigned_number:
            put_number(out, arg, spec);
            return;
    }
}

}  // namespace

void vprint(Sink& out, std::string_view format, std::span<const Arg> args) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < format.size(); ++i) {
        const char c = format[i];
        const std::size_t close = c == '{' ? format.find('}', i) : std::string_view::npos;
        if (close == std::string_view::npos) {
            if (c == '\n') out.put('\r');  // terminals want both
            out.put(c);
            continue;
        }
        const Spec spec = parse_spec(format.substr(i + 1, close - i - 1));
        if (next < args.size() && spec.valid) {
            put_arg(out, args[next++], spec);
        } else {
            for (const char q : std::string_view("{?}")) out.put(q);
        }
        i = close;
    }
}

}  // namespace app
