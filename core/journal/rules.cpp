#include "core/journal/rules.hpp"

namespace sb {

namespace {

bool is_barred(std::uint32_t barred, std::uint32_t p) {
    return ((barred >> p) & 1U) != 0;
}

}  // namespace

std::uint32_t JournalRules::next_page(std::span<const PageContent> pages, std::uint32_t own, std::uint32_t barred) {
    const auto none = static_cast<std::uint32_t>(pages.size());
    std::uint32_t lowest = none;
    // From the page after `own` round the ring, so that blank pages wear evenly.
    for (std::uint32_t i = 1; i < pages.size(); ++i) {
        const std::uint32_t p = own + i < none ? own + i : own + i - none;
        if (is_barred(barred, p)) continue;
        if (pages[p].valid == 0) return p;
        if (lowest == none || sb::newer(pages[lowest].newest, pages[p].newest)) lowest = p;
    }
    return lowest;
}

std::uint32_t JournalRules::victim(std::span<const PageContent> pages, std::uint32_t newest, std::uint32_t barred) {
    const auto none = static_cast<std::uint32_t>(pages.size());
    std::uint32_t thin = none;  // the newest page with a single valid record
    bool proven = false;
    bool blank = false;
    for (std::uint32_t p = 0; p < pages.size(); ++p) {
        proven = proven || pages[p].valid >= 2;
        if (is_barred(barred, p)) continue;
        blank = blank || pages[p].valid == 0;
        if (pages[p].valid == 1 && (thin == none || sb::newer(pages[p].newest, pages[thin].newest))) thin = p;
    }
    if (!blank && proven && thin != none) return thin;
    return next_page(pages, newest, barred);
}

}  // namespace sb
