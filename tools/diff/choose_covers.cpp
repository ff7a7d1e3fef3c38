#include "tools/diff/choose_covers.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include "tools/diff/parallel.hpp"
#include "tools/diff/select_covers.hpp"

namespace sb::diff {
namespace {

/// Up to this size trying is cheap.
constexpr std::size_t many_tries_bytes = std::size_t{256} << 10;

/// How eagerly candidates are looked for: the first finds each change of diagonal, the second what stays on one.
constexpr std::size_t better_by[] = {2, 8, 4};

using Progress = std::function<void(double fraction)>;

class Chooser {
public:
    Chooser(Bytes old, Bytes new_image, const CoverRequest& request) : old_(old), new_(new_image), request_(request) {}

    Covers run() {
        look_for_candidates();
        if (new_.size() >= one_try_bytes || !request_.packed_bytes) return select(measured(steady_));
        const Covers first = select(flat_prices(request_.first));
        const CoverPrices prices = measured(first);
        const Covers second = select(prices);
        report(0.7);
        return smallest(first, second, prices);
    }

private:
    void report(double fraction) const {
        if (request_.progress) request_.progress(fraction);
    }

    void look_for_candidates() {
        const SuffixIndex index(old_);
        report(0.2);
        const bool large = new_.size() >= one_try_bytes;
        const std::size_t looks = large ? 2 : 3;
        const std::size_t min_bytes = large ? 8 : 1;  // shorter covers hardly pay, and there are many by chance
        std::vector<Covers> found(looks);
        run_parallel(looks, thread_count(request_.threads), [&](std::size_t i) {
            MatchTable matches(index, new_, 1U << 14);
            // one of the threads tells for all
            const auto progress = [&](double fraction) { report(0.2 + 0.39 * fraction); };
            found[i] =
                find_covers(old_, new_, matches, {better_by[i], min_bytes}, i == 0 ? Progress(progress) : Progress{});
        });
        plain_ = found.back();
        steady_ = found[1];
        Covers all = std::move(found.front());
        for (std::size_t i = 1; i < looks; ++i) {
            all.insert(all.end(), found[i].begin(), found[i].end());
            found[i] = {};
        }
        candidates_.emplace(old_, new_, std::move(all));
        report(0.6);
    }

    [[nodiscard]] Covers select(const CoverPrices& prices) const {
        return long_enough(select_covers(old_, new_, *candidates_, prices));
    }
    [[nodiscard]] Covers long_enough(Covers covers) const {
        std::erase_if(covers, [this](const Cover& cover) { return cover.bytes < request_.min_bytes; });
        return covers;
    }
    [[nodiscard]] CoverPrices measured(const Covers& covers) const {
        return measured_prices(old_, new_, covers, request_.scales);
    }

    /// Tries what differs a little from the covers found so far, and keeps what packs best.
    [[nodiscard]] Covers smallest(const Covers& first, const Covers& second, const CoverPrices& prices) const {
        const auto at = [&](double cover, double carried) {
            CoverPrices other = prices;
            other.cover *= cover;
            for (float& price : other.carried) price *= static_cast<float>(carried);
            return select(other);
        };
        const auto plain = [&](double cover) {
            return long_enough(
                drop_poor_covers(old_, new_, join_covers(old_, new_, plain_), cover * request_.first.cover));
        };
        const std::function<Covers()> ways[] = {
            [&] { return second; },      [&] { return plain(1); },
            [&] { return at(1.4, 1); },  [&] { return select(measured(second)); },
            [&] { return at(2, 1); },    [&] { return at(1, 0.9); },
            [&] { return at(2.8, 1); },  [&] { return first; },
            [&] { return at(0.75, 1); }, [&] { return plain(2.5); },
        };
        const std::size_t count = new_.size() < many_tries_bytes ? std::size(ways) : 3;
        std::vector<Covers> covers(count);
        std::vector<std::size_t> bytes(count);
        std::mutex reporting;
        std::size_t done = 0;
        run_parallel(count, thread_count(request_.threads), [&](std::size_t i) {
            covers[i] = ways[i]();
            bytes[i] = request_.packed_bytes(covers[i]);
            const std::lock_guard lock(reporting);
            report(0.7 + 0.3 * static_cast<double>(++done) / static_cast<double>(count));
        });
        return std::move(covers[static_cast<std::size_t>(std::ranges::min_element(bytes) - bytes.begin())]);
    }

    Bytes old_, new_;
    const CoverRequest& request_;
    std::optional<CoverCandidates> candidates_;
    Covers steady_;  ///< of find_covers(), seldom changing the diagonal
    Covers plain_;   ///< between this and the most eager
};

}  // namespace

Covers choose_covers(Bytes old, Bytes new_image, const CoverRequest& request) {
    return Chooser(old, new_image, request).run();
}

}  // namespace sb::diff
