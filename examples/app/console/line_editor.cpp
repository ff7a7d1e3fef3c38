#include "console/line_editor.hpp"

namespace app {
namespace {

constexpr char backspace = 0x08;
constexpr char del = 0x7f;
constexpr char ctrl_c = 0x03;
constexpr char ctrl_u = 0x15;
constexpr char escape_key = 0x1b;

}  // namespace

void LineEditor::rub_out(std::size_t n, Sink& out) {
    for (std::size_t i = 0; i < n && length_ > 0; ++i) {
        --length_;
        print(out, "\b \b");
    }
}

void LineEditor::replace(std::string_view text, Sink& out) {
    rub_out(length_, out);
    for (const char c : text) {
        line_[length_++] = c;
        out.put(c);
    }
}

void LineEditor::recall(bool older, Sink& out) {
    if (older ? recalled_ >= history_.size() : recalled_ == 0) return;
    recalled_ = older ? recalled_ + 1 : recalled_ - 1;
    if (recalled_ == 0) {
        replace({}, out);
        return;
    }
    const Line& l = history_[history_.size() - recalled_];
    replace({l.text.data(), l.length}, out);
}

void LineEditor::remember() {
    recalled_ = 0;
    if (length_ == 0) return;
    if (history_.size() > 0) {
        const Line& newest = history_[history_.size() - 1];
        if (line() == std::string_view(newest.text.data(), newest.length)) return;
    }
    Line l;
    l.text = line_;
    l.length = length_;
    history_.push(l);
}

bool LineEditor::control(char c, Sink& out) {
    switch (c) {
        case '\n':
            if (last_ == '\r') return false;  // CR LF is one end of line
            [[fallthrough]];
        case '\r':
            print(out, "\n");
            remember();
            complete_ = true;
            return true;
        case backspace:
        case del:
            rub_out(1, out);
            return false;
        case ctrl_u:
            rub_out(length_, out);
            return false;
        case ctrl_c:
            print(out, "^C\n");
            length_ = 0;
            complete_ = true;
            return true;
        case escape_key:
            escape_ = Escape::started;
            return false;
        default:
            return false;
    }
}

bool LineEditor::feed(char c, Sink& out) {
    if (complete_) {
        complete_ = false;
        length_ = 0;
    }
    if (escape_ == Escape::started) {
        escape_ = c == '[' ? Escape::bracket : Escape::none;
        return false;
    }
    if (escape_ == Escape::bracket) {
        escape_ = Escape::none;
        if (c == 'A' || c == 'B') recall(c == 'A', out);
        return false;
    }
    bool done = false;
    if (c >= ' ' && c < del) {
        if (length_ < longest) {
            line_[length_++] = c;
            out.put(c);
        } else {
            out.put('\a');
        }
    } else {
        done = control(c, out);
    }
    last_ = c;
    return done;
}

}  // namespace app
