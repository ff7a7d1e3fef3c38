#include "tools/diff/sbd/fast_pages.hpp"

#include <algorithm>

#include "core/delta/sbd/fields_common.hpp"

namespace sb::diff {
namespace {

constexpr std::uint32_t page_words = page_bytes / 4;

Reading reading_of(Bytes image, std::uint32_t from) {
    constexpr std::uint32_t near = std::uint32_t{1} << 16;  // small numbers are seldom distances
    std::uint32_t rising = 0, distant = 0, before = sbd::lowest_pointer;
    for (std::uint32_t at = from; at < from + page_bytes; at += 4) {
        const auto word = load_le<std::uint32_t>(image.subspan(at, 4));
        rising += word >= before && word < image.size() ? 1U : 0U;
        before = word;
        const bool is_small = word + near < 2 * near;
        distant += !is_small && at + word < image.size() && at + word >= sbd::lowest_pointer ? 1U : 0U;
    }
    if (rising >= page_words * 15 / 16) return Reading::offsets;
    return distant >= page_words / 4 ? Reading::distances : Reading::instructions;
}

/// Calls `use` with what lies in one page of each cover.
template <class Use>
void for_each_run(std::span<const MapBlock> covers, Use use) {
    for (const MapBlock& cover : covers) {
        for (std::uint32_t done = 0; done < cover.bytes;) {
            const std::uint32_t at = cover.new_at + done;
            const std::uint32_t bytes = std::min(page_bytes - at % page_bytes, cover.bytes - done);
            use(MapBlock{at, cover.old_at + done, bytes});
            done += bytes;
        }
    }
}

void predict(Bytes old, const MapBlock& run, Reading reading, const Rewriter& rewriter, MutableBytes to) {
    copy(to, old.subspan(run.old_at, run.bytes));
    rewriter.rewrite(reading, {old, 0}, run.old_at, run.new_at, to);
}

}  // namespace

std::vector<Reading> pages_by_content(Bytes image) {
    std::vector<Reading> pages(pages_of(static_cast<std::uint32_t>(image.size())), Reading::instructions);
    for (std::size_t page = 0; page < image.size() / page_bytes; ++page)
        pages[page] = reading_of(image, static_cast<std::uint32_t>(page * page_bytes));
    return pages;
}

PagesChosen choose_pages(Bytes old, Bytes new_image, std::span<const MapBlock> covers, const Rewriter& rewriter) {
    std::vector<std::array<std::uint32_t, readings>> wrong(pages_of(static_cast<std::uint32_t>(new_image.size())));
    std::array<std::uint8_t, page_bytes> room;
    for_each_run(covers, [&](const MapBlock& run) {
        const Bytes wanted = new_image.subspan(run.new_at, run.bytes);
        for (std::size_t reading = 0; reading < readings; ++reading) {
            const MutableBytes made = MutableBytes(room).first(run.bytes);
            predict(old, run, static_cast<Reading>(reading), rewriter, made);
            for (std::size_t k = 0; k < made.size(); ++k)
                wrong[run.new_at / page_bytes][reading] += made[k] != wanted[k] ? 1U : 0U;
        }
    });
    PagesChosen chosen;
    for (const auto& page : wrong) {
        const auto least = std::ranges::min_element(page);
        chosen.pages.push_back(static_cast<Reading>(least - page.begin()));
        chosen.wrong_bytes += *least;
    }
    return chosen;
}

std::vector<std::uint8_t> predicted(Bytes old, std::size_t new_bytes, std::span<const MapBlock> covers,
                                    std::span<const Reading> pages, const Rewriter& rewriter) {
    std::vector<std::uint8_t> made(new_bytes);
    for_each_run(covers, [&](const MapBlock& run) {
        predict(old, run, pages[run.new_at / page_bytes], rewriter, MutableBytes(made).subspan(run.new_at, run.bytes));
    });
    return made;
}

}  // namespace sb::diff
