#include "sim/prove/checks.hpp"

#include "sim/prove/explorer.hpp"
#include "sim/prove/plants.hpp"
#include "sim/prove/random_checker.hpp"

namespace sb::prove {

namespace {

template <class Rules>
Report explore_rules(const Options& options) {
    return explore({Rules::pages, options.records}, options, run_session<Rules>);
}

template <class Rules>
constexpr Check check(std::string_view name, std::string_view what, bool holds, std::uint32_t cuts, bool random) {
    return {name, what, Rules::pages, holds, cuts, random, run_random<Rules>, explore_rules<Rules>};
}

constexpr Check table[] = {
    check<JournalRules>("product", "the rules as they ship, four pages", true, 6, false),
    check<ThreePages>("three-pages", "the rules as they ship on three pages", true, 4, false),
    check<TrustsTail>("trusts-tail", "an idle boot answers from an unsealed tail", false, 1, true),
    check<EarlierRule4>("earlier-rule-4", "a page with a single record counts as proven", false, 4, false),
    check<WritesOnce>("writes-once", "first record, commit and seal with one record", false, 1, true),
    check<TrustsBlank>("trusts-blank", "a page that reads blank is used without an erase", false, 1, true),
    check<ErasesFirstUnit>("erases-first-unit", "of a page of several units only the first is erased", false, 0, true),
    check<SkipsRule5>("skips-rule-5", "acts before the other pages are erased", false, 2, true),
    check<SealsFirst>("seals-first", "the sealing record is written before the other pages are erased", false, 3,
                      false),
    check<NewestByIndex>("newest-by-index", "the newest record is told by its index alone", false, 1, true),
    check<KeepsSession>("keeps-session", "a session goes on with the number of the last", false, 1, true),
    check<HalfCrc>("half-crc", "the CRC covers the front of the record only", false, 0, true),
};

}  // namespace

std::span<const Check> checks() {
    return table;
}

const Check* find_check(std::string_view name) {
    for (const Check& c : table)
        if (c.name == name) return &c;
    return nullptr;
}

}  // namespace sb::prove
