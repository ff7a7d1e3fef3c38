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

enum class Tries { one_try, few_tries, many_tries };

Tries tries_for(std::size_t new_bytes, const CoverRequest& request) {
    if (new_bytes >= one_try_bytes || !request.packed_bytes) return Tries::one_try;
    return new_bytes < many_tries_bytes ? Tries::many_tries : Tries::few_tries;
}

class Chooser {
public:
    Chooser(Bytes old, Bytes new_image, const CoverRequest& request)
        : old_(old), new_(new_image), request_(request), tries_(tries_for(new_image.size(), request)) {}

    Covers run() {
        look_for_candidates();
        if (tries_ == Tries::one_try) return select(measured(steady_));
        return smallest();
    }

private:
    void report(double fraction) const {
        if (request_.progress) request_.progress(fraction);
    }

    void look_for_candidates() {
        const SuffixIndex index(old_);
        report(0.2);
        const std::size_t looks = tries_ == Tries::many_tries ? 3 : 2;
        // in large images shorter covers hardly pay, and there are many by chance
        const std::size_t min_bytes = tries_ == Tries::one_try ? 8 : 1;
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

    /// Tries what differs a little, and keeps what packs best.
    [[nodiscard]] Covers smallest() const {
        Covers first = tries_ == Tries::many_tries ? select(flat_prices(request_.first)) : steady_;
        const CoverPrices prices = measured(first);
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
        Covers second = at(1, 1);
        report(0.7);
        const std::function<Covers()> ways[] = {
            [&] { return second; },
            [&] { return at(1.4, 1); },
            [&] { return select(measured(second)); },
            [&] { return at(2, 1); },
            [&] { return at(1, 0.9); },
            [&] { return plain(1); },
            [&] { return select(measured(steady_)); },
            [&] { return at(2.8, 1); },
            [&] { return first; },
            [&] { return at(0.75, 1); },
        };
        const std::size_t count = tries_ == Tries::many_tries ? std::size(ways) : 2;
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
    Tries tries_;
    std::optional<CoverCandidates> candidates_;
    Covers steady_;  ///< of find_covers(), seldom changing the diagonal
    Covers plain_;   ///< between this and the most eager
};

}  // namespace

Covers choose_covers(Bytes old, Bytes new_image, const CoverRequest& request) {
    return Chooser(old, new_image, request).run();
}

}  // namespace sb::diff
