#include "tools/diff/choose_covers.hpp"

#include <algorithm>
#include <optional>

#include "tools/diff/parallel.hpp"
#include "tools/diff/select_covers.hpp"

namespace sb::diff {
namespace {

/// How eagerly candidates are looked for: the first finds each change of diagonal, the second what stays on one.
constexpr std::size_t better_by[] = {2, 8};
constexpr std::size_t looks = std::size(better_by);

using Progress = std::function<void(double fraction)>;

class Chooser {
public:
    Chooser(Bytes old, Bytes new_image, const CoverRequest& request)
        : old_(old),
          new_(new_image),
          request_(request),
          one_try_(new_image.size() >= one_try_bytes || !request.packed_bytes) {}

    Covers run() {
        look_for_candidates();
        const CoverPrices prices = measured(steady_);
        return one_try_ ? select(prices) : smallest(prices);
    }

private:
    void report(double fraction) const {
        if (request_.progress) request_.progress(fraction);
    }

    void look_for_candidates() {
        const SuffixIndex index(old_);
        report(0.2);
        // in large images shorter covers hardly pay, and there are many by chance
        const std::size_t min_bytes = one_try_ ? 8 : 1;
        std::vector<Covers> found(looks);
        run_parallel(looks, thread_count(request_.threads), [&](std::size_t i) {
            MatchTable matches(index, new_, 1U << 10);
            // one of the threads tells for all
            const auto progress = [&](double fraction) { report(0.2 + 0.39 * fraction); };
            found[i] =
                find_covers(old_, new_, matches, {better_by[i], min_bytes}, i == 0 ? Progress(progress) : Progress{});
        });
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

    /// Of two lists, one of fewer covers, the one that packs better.
    [[nodiscard]] Covers smallest(const CoverPrices& prices) const {
        constexpr double fewer = 1.4;
        Covers covers[2];
        std::size_t bytes[2];
        run_parallel(2, thread_count(request_.threads), [&](std::size_t i) {
            CoverPrices own = prices;
            if (i == 1) own.cover *= fewer;
            covers[i] = select(own);
            bytes[i] = request_.packed_bytes(covers[i]);
        });
        report(1);
        return std::move(covers[bytes[1] < bytes[0] ? 1 : 0]);
    }

    Bytes old_, new_;
    const CoverRequest& request_;
    bool one_try_;
    std::optional<CoverCandidates> candidates_;
    Covers steady_;  ///< of find_covers(), seldom changing the diagonal
};

}  // namespace

Covers choose_covers(Bytes old, Bytes new_image, const CoverRequest& request) {
    return Chooser(old, new_image, request).run();
}

}  // namespace sb::diff
