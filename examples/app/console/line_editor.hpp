// Makes lines out of typed characters: echo, backspace, Ctrl-U, Ctrl-C, and the last lines again with the arrow
// keys.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/ring.hpp"
#include "base/text.hpp"

namespace app {

class LineEditor {
public:
    static constexpr std::size_t longest = 78;
    static constexpr std::size_t remembered = 4;

    /// Takes one character; echoes to `out`. True when a line is complete: see `line()`.
    bool feed(char c, Sink& out);
    /// The line completed last; valid until the next feed().
    [[nodiscard]] std::string_view line() const { return {line_.data(), length_}; }

private:
    enum class Escape : std::uint8_t { none, started, bracket };
    struct Line {
        std::array<char, longest> text{};
        std::size_t length = 0;
    };

    void replace(std::string_view text, Sink& out);
    void recall(bool older, Sink& out);
    void rub_out(std::size_t n, Sink& out);
    void remember();
    bool control(char c, Sink& out);

    std::array<char, longest> line_{};
    std::size_t length_ = 0;
    bool complete_ = false;
    char last_ = 0;
    Escape escape_ = Escape::none;
    Ring<Line, remembered> history_;
    std::size_t recalled_ = 0;  // 0: the line being typed, 1: the newest of the history, …
};

}  // namespace app
