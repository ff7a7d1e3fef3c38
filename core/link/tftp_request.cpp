#include "core/link/tftp_request.hpp"

#include "core/link/tftp.hpp"

namespace sb {

namespace {

/// Takes `word` off `text`; false where that begins otherwise.
bool take_word(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
}

/// A decimal number up to `most`, taken off `text`.
Result<std::uint32_t> take_number(std::string_view& text, std::uint32_t most) {
    std::uint32_t value = 0;
    std::size_t digits = 0;
    for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
        value = value * 10 + static_cast<std::uint32_t>(text[digits] - '0');
        if (value > most) return fail(Error::malformed);
    }
    if (digits == 0) return fail(Error::malformed);
    text.remove_prefix(digits);
    return value;
}

}  // namespace

Result<TftpRequest> parse_tftp_request(std::string_view line) {
    TftpRequest request;
    if (!take_word(line, "tftp ")) return fail(Error::malformed);
    for (int i = 0; i < 4; ++i) {
        if (i != 0 && !take_word(line, ".")) return fail(Error::malformed);
        SB_TRY_ASSIGN(const std::uint32_t number, take_number(line, 255));
        request.server = request.server << 8U | number;
    }
    if (take_word(line, ":")) {
        SB_TRY_ASSIGN(const std::uint32_t port, take_number(line, UINT16_MAX));
        if (port == 0) return fail(Error::malformed);
        request.port = static_cast<std::uint16_t>(port);
    }
    if (!take_word(line, " ") || line.empty() || line.size() > TftpClient::most_name_bytes)
        return fail(Error::malformed);
    for (const char c : line) {
        if (c <= ' ' || c > '~') return fail(Error::malformed);
    }
    request.name = line;
    return request;
}

}  // namespace sb
