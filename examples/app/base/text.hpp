// Formatted printing without a C library: print("{} of {:04x}\n", n, mask). The arguments are typed, so a
// wrong format shows as "{?}" and never reads memory that is not there.
// In braces: [0]width, then 'x' for hexadecimal, or '.d' to print a number of thousandths with d decimals
// (4250 with {:.1} is "4.3").
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace app {

/// Where characters go: a UART, a buffer, a Modbus string.
class Sink {
public:
    virtual void put(char c) = 0;

protected:
    ~Sink() = default;
};

/// One argument of print(): a signed number, an unsigned number, a text or a character.
class Arg {
public:
    enum class Kind : std::uint8_t { signed_number, unsigned_number, text, character };

    constexpr explicit Arg(int v) : number_(static_cast<std::uint32_t>(v)), kind_(Kind::signed_number) {}
    constexpr explicit Arg(long v) : number_(static_cast<std::uint32_t>(v)), kind_(Kind::signed_number) {}
    constexpr explicit Arg(unsigned v) : number_(v), kind_(Kind::unsigned_number) {}
    constexpr explicit Arg(unsigned long v) : number_(static_cast<std::uint32_t>(v)), kind_(Kind::unsigned_number) {}
    constexpr explicit Arg(char c) : number_(static_cast<std::uint8_t>(c)), kind_(Kind::character) {}
    constexpr explicit Arg(std::string_view s) : text_(s), kind_(Kind::text) {}
    constexpr explicit Arg(const char* s) : text_(s), kind_(Kind::text) {}

    [[nodiscard]] constexpr Kind kind() const { return kind_; }
    [[nodiscard]] constexpr std::uint32_t number() const { return number_; }
    [[nodiscard]] constexpr std::string_view text() const { return text_; }

private:
    std::string_view text_{};
    std::uint32_t number_ = 0;
    Kind kind_;
};

/// Prints `format` to `out`, each pair of braces replaced by the next argument.
void vprint(Sink& out, std::string_view format, std::span<const Arg> args);

template <class... Args>
void print(Sink& out, std::string_view format, const Args&... args) {
    if constexpr (sizeof...(Args) == 0) {
        vprint(out, format, {});
    } else {
        const Arg list[] = {Arg(args)...};
        vprint(out, format, list);
    }
}

/// Collects into a fixed buffer and cuts off what does not fit; `cut()` tells.
class BufferSink final : public Sink {
public:
    explicit BufferSink(std::span<char> buffer) : buffer_(buffer) {}
    void put(char c) override {
        if (used_ < buffer_.size()) {
            buffer_[used_++] = c;
        } else {
            cut_ = true;
        }
    }
    [[nodiscard]] std::string_view text() const { return {buffer_.data(), used_}; }
    [[nodiscard]] bool cut() const { return cut_; }

private:
    std::span<char> buffer_;
    std::size_t used_ = 0;
    bool cut_ = false;
};

}  // namespace app
