#include "tools/diff/hpatchlite_choice.hpp"

#include "tools/diff/format.hpp"
#include "tools/diff/hpatchlite_covers.hpp"
#include "tools/diff/hpatchlite_splice.hpp"
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

class Choosing {
public:
    Choosing(Bytes old, Bytes new_image, std::uint32_t dictionary_bytes)
        : old_(old), new_(new_image), dictionary_bytes_(dictionary_bytes) {}

    /// Makes the patch of `covers`, whatever it is worth.
    void only(Covers covers) { keep(make(std::move(covers))); }

    /// Makes the patch of `covers`, and one of the best stretches of it and of the smallest patch so far; keeps the
    /// smallest.
    void attempt(Covers covers) {
        Attempt made = make(std::move(covers));
        if (best_.patch.empty()) return keep(std::move(made));
        Covers spliced = splice({best_.covers, best_.texts, best_.items}, {made.covers, made.texts, made.items});
        keep(std::move(made));
        if (spliced != best_.covers) keep(make(std::move(spliced)));
    }

    /// The prices of the best patch so far.
    [[nodiscard]] CoverPrices learn(std::span<const float> alone) const {
        return learn_prices(best_.stream, best_.covers, best_.texts, best_.items, alone);
    }
    [[nodiscard]] Buffer take() { return std::move(best_.patch); }

private:
    struct Attempt {
        Covers covers;
        Buffer stream, patch;
        std::vector<CoverText> texts;
        std::vector<TinyuzItem> items;
    };

    Attempt make(Covers covers) const {
        Attempt made;
        made.covers = std::move(covers);
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
    void keep(Attempt made) {
        if (best_.patch.empty() || made.patch.size() < best_.patch.size()) best_ = std::move(made);
    }

    Bytes old_, new_;
    std::uint32_t dictionary_bytes_;
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
    const SuffixIndex index(old);
    report(options, 0.1);
    MatchTable matches(index, new_image);
    Choosing choosing(old, new_image, dictionary_bytes);
    if (dictionary_bytes == 0) {
        const std::vector<float> alone(new_image.size(), 8);
        choosing.only(cheapest_covers(old, new_image, matches, alone, plain_prices()));
        return choosing.take();
    }
    const std::size_t size = new_image.size();
    if (size == 0) {
        choosing.only({});
        return choosing.take();
    }
    const std::size_t tries = size <= thorough_bytes ? std::size(choices) : size <= large_bytes ? 3 : 1;
    for (std::size_t i = 0; i < tries; ++i) {
        const auto part = [&](double done) {
            report(options, 0.1 + 0.5 * (static_cast<double>(i) + done) / static_cast<double>(tries));
        };
        Covers covers = find_covers(old, new_image, matches, {choices[i].better_by}, part);
        if (choices[i].cover_bytes > 0)
            covers = drop_poor_covers(old, new_image, join_covers(old, new_image, covers), choices[i].cover_bytes);
        choosing.attempt(std::move(covers));
    }
    if (size > large_bytes) return choosing.take();
    const std::vector<float> alone = prices_alone(new_image, dictionary_bytes);
    const CoverPrices learnt = choosing.learn(alone);
    for (const Reading& reading : readings) {
        CoverPrices prices = learnt;
        prices.cover += reading.cover_bits_more;
        prices.carried *= reading.carried_times;
        for (auto& row : prices.changed)
            for (float& bits : row) bits *= reading.changed_times;
        choosing.attempt(cheapest_covers(old, new_image, matches, alone, prices));
        if (size > thorough_bytes) break;
    }
    choosing.attempt(cheapest_covers(old, new_image, matches, alone, choosing.learn(alone)));
    return choosing.take();
}

}  // namespace sb::diff
