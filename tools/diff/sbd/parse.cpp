#include "tools/diff/sbd/parse.hpp"

#include <algorithm>
#include <mutex>

#include "tools/diff/parallel.hpp"
#include "tools/diff/sbd/parse_window.hpp"

namespace sb::diff {
namespace {

/// Appends what of `runs` lies in [from, to), cut where a source goes from the old image into the new one.
void append(std::vector<SourceRun>& all, std::span<const SourceRun> runs, std::uint32_t from, std::uint32_t to,
            std::uint32_t old_bytes) {
    const auto add = [&](SourceRun run) {
        if (run.bytes == 0) return;
        const bool goes_on = !all.empty() && all.back().diagonal() == run.diagonal() &&
                             (all.back().source_at < old_bytes) == (run.source_at < old_bytes);
        if (goes_on)
            all.back().bytes += run.bytes;
        else
            all.push_back(run);
    };
    for (const SourceRun& run : runs) {
        const std::uint32_t begin = std::max(run.new_at, from), end = std::min(run.new_at + run.bytes, to);
        if (begin >= end) continue;
        const SourceRun part{begin, run.source_at + (begin - run.new_at), end - begin};
        const std::uint32_t in_old = part.source_at < old_bytes ? std::min(part.bytes, old_bytes - part.source_at) : 0;
        add({part.new_at, part.source_at, in_old});
        add({part.new_at + in_old, part.source_at + in_old, part.bytes - in_old});
    }
}

/// A position of [from, to) where both parses are on one diagonal, as near the middle as can be; or the middle.
std::uint32_t joint(std::span<const SourceRun> left, std::span<const SourceRun> right, std::uint32_t from,
                    std::uint32_t to) {
    const std::uint32_t middle = from + (to - from) / 2;
    std::uint32_t best = middle, distance = window::none;
    auto l = left.begin(), r = right.begin();
    for (std::uint32_t at = from; at < to; ++at) {
        while (l->new_at + l->bytes <= at) ++l;
        while (r->new_at + r->bytes <= at) ++r;
        const std::uint32_t off = at < middle ? middle - at : at - middle;
        if (l->diagonal() != r->diagonal() || off >= distance) continue;
        best = at;
        distance = off;
    }
    return best;
}

}  // namespace

ParseEffort fast_parse() {
    ParseEffort effort;
    effort.matches.neighbours = 16;
    effort.limits.states = 16;
    effort.limits.kept = 8;
    effort.limits.near_bytes = 32;
    effort.limits.sources = 1;
    return effort;
}

ParseEffort wide_parse() {
    ParseEffort effort;
    effort.matches.min_match = 2;
    effort.limits.states = 500;
    effort.limits.near_bytes = 512;
    effort.limits.sources = 20;
    return effort;
}

std::uint64_t EqualBytes::holds(std::uint32_t new_at, std::uint32_t source_at, std::uint32_t bytes) {
    const std::uint8_t* const now = text_.data() + old_bytes_ + new_at;
    const std::uint8_t* const source = text_.data() + source_at;
    std::uint64_t equal = 0;
    for (std::uint32_t k = 0; k < bytes; ++k) equal |= std::uint64_t{now[k] == source[k]} << k;
    return equal;
}

std::vector<SourceRun> parse(const MatchFinder& finder, const ParseRequest& request) {
    const auto new_bytes = static_cast<std::uint32_t>(finder.new_image().size());
    const auto old_bytes = static_cast<std::uint32_t>(finder.old_image().size());
    const std::uint32_t window = std::max(request.limits.window_bytes, window::block_bytes);
    const std::uint32_t overlap = std::min(request.limits.overlap_bytes, window / 2);
    const std::size_t count = (std::size_t{new_bytes} + window - 1) / window;
    std::vector<std::vector<SourceRun>> parts(count);
    std::mutex reporting;
    std::size_t done = 0;
    run_parallel(count, thread_count(request.threads), [&](std::size_t i) {
        const auto begin = static_cast<std::uint32_t>(i * window);
        const auto end = static_cast<std::uint32_t>(std::min<std::size_t>((i + 1) * window, new_bytes));
        std::unique_ptr<HitOracle> oracle =
            request.make_oracle ? request.make_oracle() : std::make_unique<EqualBytes>(finder);
        parts[i] = window::WindowParse(finder, request, *oracle, i == 0 ? begin : begin - overlap, end).run();
        if (!request.progress) return;
        const std::scoped_lock lock(reporting);
        request.progress(static_cast<double>(++done) / static_cast<double>(count));
    });
    std::vector<SourceRun> runs;
    std::uint32_t from = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto end = static_cast<std::uint32_t>(std::min<std::size_t>((i + 1) * window, new_bytes));
        const std::uint32_t to = i + 1 == count ? end : joint(parts[i], parts[i + 1], end - overlap, end);
        append(runs, parts[i], from, to, old_bytes);
        from = to;
    }
    return runs;
}

}  // namespace sb::diff
