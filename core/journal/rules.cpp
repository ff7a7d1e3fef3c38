#include "core/journal/rules.hpp"

namespace sb {

namespace {

bool is_barred(std::uint32_t barred, std::uint32_t p) {
    return ((barred >> p) & 1U) != 0;
}

}  // namespace

std::uint32_t JournalRules::next_page(std::span<const PageContent> content, std::uint32_t own, std::uint32_t barred) {
    const auto none = static_cast<std::uint32_t>(content.size());
    std::uint32_t lowest = none;
    // From the page after `own` round the ring, so that blank pages wear evenly.
    for (std::uint32_t i = 1; i < content.size(); ++i) {
        const std::uint32_t p = own + i < none ? own + i : own + i - none;
        if (is_barred(barred, p)) continue;
        if (content[p].valid == 0) return p;
        if (lowest == none || sb::newer(content[lowest].newest, content[p].newest)) lowest = p;
    }
    return lowest;
}

std::uint32_t JournalRules::victim(std::span<const PageContent> content, std::uint32_t newest, std::uint32_t barred) {
    const auto none = static_cast<std::uint32_t>(content.size());
    std::uint32_t thin = none;  // the newest page with a single valid record
    bool proven = false;
    bool blank = false;
    for (std::uint32_t p = 0; p < content.size(); ++p) {
        proven = proven || content[p].valid >= 2;
        if (is_barred(barred, p)) continue;
        blank = blank || content[p].valid == 0;
        if (content[p].valid == 1 && (thin == none || sb::newer(content[p].newest, content[thin].newest))) thin = p;
    }
    if (!blank && proven && thin != none) return thin;
    return next_page(content, newest, barred);
}

}  // namespace sb
