#include "tools/diff/hpatchlite_choice.hpp"

#include <mutex>

#include "tools/diff/format.hpp"
#include "tools/diff/hpatchlite_covers.hpp"
#include "tools/diff/hpatchlite_splice.hpp"
#include "tools/diff/parallel.hpp"
#include "tools/diff/tinyuz_writer.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

/// Above these, a try costs a noticeable part of a second, or seconds.
constexpr std::size_t thorough_bytes = std::size_t{256} << 10;
constexpr std::size_t large_bytes = std::size_t{4} << 20;

/// Ways to tune find_covers(). The first ones win most often.
struct Choice {
    std::size_t better_by;
    double cover_bytes;  ///< of drop_poor_covers(); 0: no cover is dropped or joined
};
constexpr Choice choices[] = {{4, 6}, {6, 9}, {3, 5}, {8, 0}, {5, 9}, {2, 5}, {16, 6}, {4, 4}};

/// Ways to read the prices of a patch, which are not quite what other covers would cost.
struct Reading {
    double cover_bits_more;
    float changed_times;
    double carried_times;
};
constexpr Reading readings[] = {{0, 1, 1}, {10, 1, 0.9}, {10, 0.8F, 1}, {20, 0.6F, 1}, {0, 0.8F, 1}};

/// A patch that was made, and what it takes to learn from it.
struct Attempt {
    Covers covers;
    Buffer stream, patch;
    std::vector<CoverText> texts;
    std::vector<TinyuzItem> items;

    [[nodiscard]] PricedCovers priced() const { return {covers, texts, items}; }
};

class Choosing {
public:
    Choosing(Bytes old, Bytes new_image, std::uint32_t dictionary_bytes, const DiffOptions& options)
        : old_(old), new_(new_image), dictionary_bytes_(dictionary_bytes), options_(options) {}

    /// Makes the patch of each of `count` lists of covers, then patches of the best stretches of two of them, until
    /// one is left: it, or the smallest so far, is the best. Progress goes from `from` to `to`.
    void attempt(std::size_t count, const std::function<Covers(std::size_t)>& covers, double from, double to) {
        std::vector<Attempt> made(count);
        report_from_ = from;
        report_step_ = (to - from) / (2.0 * static_cast<double>(count));
        in_parallel(count, [&](std::size_t i) { made[i] = make(covers(i)); });
        if (!best_.patch.empty()) made.push_back(std::move(best_));
        while (made.size() > 1) {
            std::vector<Attempt> better((made.size() + 1) / 2);
            if (made.size() % 2 == 1) better.back() = std::move(made.back());
            in_parallel(made.size() / 2, [&](std::size_t i) { better[i] = merge(made[2 * i], made[2 * i + 1]); });
            made = std::move(better);
        }
        best_ = std::move(made.front());
    }

    /// The prices of the best patch so far.
    [[nodiscard]] CoverPrices learn(std::span<const float> alone) const {
        return learn_prices(best_.stream, best_.covers, best_.texts, best_.items, alone);
    }
    [[nodiscard]] Buffer take() { return std::move(best_.patch); }

private:
    void in_parallel(std::size_t count, const std::function<void(std::size_t)>& task) {
        std::mutex reporting;
        run_parallel(count, thread_count(options_.threads), [&](std::size_t i) {
            task(i);
            const std::lock_guard lock(reporting);
            report(options_, report_from_ += report_step_);
        });
    }
    [[nodiscard]] Attempt make(Covers covers) const {
        Attempt made;
        made.covers = std::move(covers);
        drop_short(made.covers);
        made.stream = write_hpatchlite(old_, new_, made.covers, &made.texts);
        if (dictionary_bytes_ == 0) {
            made.patch = hpatchlite_header(HpatchliteCompression::none, new_.size(), 0);
            made.patch.insert(made.patch.end(), made.stream.begin(), made.stream.end());
        } else {
            made.patch = hpatchlite_header(HpatchliteCompression::tinyuz, new_.size(), made.stream.size());
            const Buffer packed = write_tinyuz(made.stream, dictionary_bytes_, &made.items);
            made.patch.insert(made.patch.end(), packed.begin(), packed.end());
        }
        return made;
    }
    void drop_short(Covers& covers) const {
        std::erase_if(covers, [this](const Cover& cover) { return cover.bytes < options_.min_cover_bytes; });
    }
    [[nodiscard]] Attempt merge(Attempt& one, Attempt& other) const {
        Covers spliced = splice(one.priced(), other.priced());
        drop_short(spliced);  // splicing cuts some
        Attempt& smaller = other.patch.size() < one.patch.size() ? other : one;
        if (spliced == one.covers || spliced == other.covers) return std::move(smaller);
        Attempt made = make(std::move(spliced));
        return made.patch.size() < smaller.patch.size() ? std::move(made) : std::move(smaller);
    }

    Bytes old_, new_;
    std::uint32_t dictionary_bytes_;
    const DiffOptions& options_;
    double report_from_ = 0, report_step_ = 0;
    Attempt best_;
};

/// Prices of a stream that is not packed.
CoverPrices plain_prices() {
    CoverPrices prices;
    prices.cover = 20;
    prices.first_changed = 1e9;  // differences are as long as what they change
    for (auto& row : prices.changed) row.fill(1e9F);
    return prices;
}

}  // namespace

Buffer smallest_hpatchlite(Bytes old, Bytes new_image, std::uint32_t dictionary_bytes, const DiffOptions& options) {
    constexpr std::size_t kept_matches = std::size_t{1} << 14;
    const SuffixIndex index(old);
    report(options, 0.1);
    Choosing choosing(old, new_image, dictionary_bytes, options);
    const auto cheapest = [&](std::span<const float> alone, const CoverPrices& prices) {
        MatchTable matches(index, new_image, kept_matches);
        return cheapest_covers(old, new_image, matches, alone, prices);
    };
    const std::size_t size = new_image.size();
    if (dictionary_bytes == 0 || size == 0) {
        const std::vector<float> alone(size, 8);
        choosing.attempt(1, [&](std::size_t) { return cheapest(alone, plain_prices()); }, 0.1, 1);
        return choosing.take();
    }
    const bool thorough = size <= thorough_bytes, large = size > large_bytes;
    const auto found = [&](std::size_t i) {
        MatchTable matches(index, new_image, kept_matches);
        Covers covers = find_covers(old, new_image, matches, {choices[i].better_by});
        if (choices[i].cover_bytes > 0)
            covers = drop_poor_covers(old, new_image, join_covers(old, new_image, covers), choices[i].cover_bytes);
        return covers;
    };
    choosing.attempt(thorough ? std::size(choices) : large ? 1 : 3, found, 0.1, large ? 1 : 0.6);
    if (large) return choosing.take();
    const std::vector<float> alone = prices_alone(new_image, dictionary_bytes);
    const CoverPrices learnt = choosing.learn(alone);
    const auto read = [&](std::size_t i) {
        CoverPrices prices = learnt;
        prices.cover += readings[i].cover_bits_more;
        prices.carried *= readings[i].carried_times;
        for (auto& row : prices.changed)
            for (float& bits : row) bits *= readings[i].changed_times;
        return cheapest(alone, prices);
    };
    choosing.attempt(thorough ? std::size(readings) : 1, read, 0.6, 0.9);
    const CoverPrices again = choosing.learn(alone);
    choosing.attempt(1, [&](std::size_t) { return cheapest(alone, again); }, 0.9, 1);
    return choosing.take();
}

}  // namespace sb::diff
