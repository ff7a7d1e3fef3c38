#include "tools/diff/hdiff_encoder.hpp"

#include <algorithm>
#include <cmath>

#include "core/delta/factory.hpp"
#include "core/delta/hdiff_header.hpp"
#include "core/delta/hdiff_steps.hpp"
#include "tools/diff/choose_covers.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/hdiff_covers.hpp"
#include "tools/diff/hdiff_patch.hpp"
#include "tools/diff/parallel.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

/// Above these, a try costs a noticeable part of a second, or seconds.
constexpr std::size_t thorough_bytes = std::size_t{512} << 10;
constexpr std::size_t large_bytes = std::size_t{8} << 20;
/// Packed with care, a form gains no more than a part in so many on the other one.
constexpr std::size_t close_call = 40;

/// What a cover costs in a large image, about.
constexpr double cover_price = 4;

/// Unless asked for less, steps of a packed patch are hdiffz's size; those for a device fit a small one.
constexpr std::size_t host_step_bytes = std::size_t{256} << 10;
constexpr std::size_t device_step_bytes = std::size_t{16} << 10;
constexpr std::size_t least_step_bytes = 256;

/// Two images, and how patches between them are made.
struct Job {
    Bytes old, new_image;
    HdiffCodec codec;
    HdiffStepRule step_rule;

    [[nodiscard]] Buffer parts(const Covers& covers, const HdiffRunRule& rule, Effort effort) const {
        return make_hdiff_parts(old, new_image, covers, rule, codec, effort);
    }
    [[nodiscard]] HdiffStepsPatch steps(const Covers& covers, std::size_t zeros, Effort effort) const {
        HdiffStepRule rule = step_rule;
        rule.zeros = zeros;
        return make_hdiff_steps(old, new_image, covers, rule, codec, effort);
    }
    [[nodiscard]] std::size_t packed_bytes(Bytes plain) const {
        if (codec == HdiffCodec::none || plain.empty()) return plain.size();
        return std::min(plain.size(), pack_hdiff(plain, codec, Effort::one_setting).size());
    }
};

/// Too little of something to measure it by.
constexpr std::size_t enough = 64;

/// What covers, differences and the rest cost with these covers: prices for the next choice.
HdiffPrices measure(const Job& job, const Covers& covers, HdiffPrices prices) {
    const HdiffParts parts = write_hdiff_parts(job.old, job.new_image, covers, {});
    const auto size = [&](const Buffer& part) { return static_cast<double>(job.packed_bytes(part)); };
    const auto plain = [](const Buffer& part) { return static_cast<double>(part.size()); };
    if (parts.fresh.size() >= enough) prices.fresh = std::clamp(size(parts.fresh) / plain(parts.fresh), 0.3, 1.05);
    if (covers.size() >= 16) {
        const double ratio = size(parts.cover_numbers) / plain(parts.cover_numbers);
        prices.seek_byte = ratio;
        prices.cover = 2.3 * ratio;
    }
    std::array<double, 256> seen{};
    double values = 0;
    double runs = 0;
    for (const Cover& cover : covers) {
        bool differed = false;
        for (std::size_t i = 0; i < cover.bytes; ++i) {
            const auto difference =
                static_cast<std::uint8_t>(job.new_image[cover.new_at + i] - job.old[cover.old_at + i]);
            if (difference != 0) {
                seen[difference] += 1;
                values += 1;
                if (!differed) runs += 1;
            }
            differed = difference != 0;
        }
    }
    if (values >= enough) {
        // by how rare a difference is, in all what they really take
        const double really = size(parts.values);
        double expected = 0;
        const double all = values + 128;
        for (std::size_t v = 1; v < 256; ++v) {
            prices.value[v] = -std::log2((seen[v] + 0.5) / all) / 8;
            expected += seen[v] * prices.value[v];
        }
        for (double& value : prices.value) value *= really / expected;
        prices.run = size(parts.runs) / runs;
    }
    return prices;
}

HdiffPrices first_prices(HdiffCodec codec) {
    HdiffPrices prices;
    if (codec == HdiffCodec::none) {
        prices.fresh = 1;
        prices.cover = 2.3;
        prices.seek_byte = 1;
        prices.same = 0.001;
        prices.run = 2.1;
        prices.value.fill(1);
    }
    return prices;
}

/// The smallest patch of one form so far, packed with one setting, and how it was made.
struct Best {
    HdiffStepsPatch patch{};
    Covers covers{};
    std::size_t zeros = 1;  ///< the rule of steps

    void offer(HdiffStepsPatch made, const Covers& with, std::size_t by) {
        if (!patch.bytes.empty() && made.bytes.size() >= patch.bytes.size()) return;
        patch = std::move(made);
        covers = with;
        zeros = by;
    }
    [[nodiscard]] std::size_t bytes() const { return patch.bytes.size(); }
};

/// Rules of writing runs that are tried with the best covers.
constexpr HdiffRunRule run_rules[] = {{2, 2, 5}, {3, 3, 5}, {1, 2, 5}, {2, 4, 4}, {4, 4, 8}};
constexpr std::size_t zero_rules[] = {1, 2, 3, 4};

HdiffStepRule step_rule(HdiffCodec codec, const DiffOptions& options) {
    HdiffStepRule rule;
    rule.step_bytes = codec == HdiffCodec::none ? device_step_bytes : host_step_bytes;
    if (options.ram_bytes != 0) rule.step_bytes = options.ram_bytes;
    if (rule.step_bytes < least_step_bytes)
        throw OptionError("a step needs at least 256 bytes of the device's memory (--ram)");
    rule.image_bytes = options.segment_bytes;
    return rule;
}

/// Tries covers, and writes the patch with the best ones.
class Encoder {
public:
    Encoder(const Job& job, std::optional<HdiffForm> form, const DiffOptions& options)
        : job_(job),
          options_(options),
          with_parts_(form != HdiffForm::steps),
          with_steps_(form != HdiffForm::parts),
          large_(job.new_image.size() > large_bytes) {}

    void choose() {
        const auto matching = [&](double done) { report(options_, 0.1 + 0.3 * done); };
        if (large_) {
            CoverRequest request;
            request.scales.cover = cover_price;
            request.threads = options_.threads;
            request.progress = matching;
            try_covers(choose_covers(job_.old, job_.new_image, request));
            return;
        }
        const SuffixIndex index(job_.old);
        report(options_, 0.1);
        MatchTable matches(index, job_.new_image);
        const HdiffCoverChooser chooser(job_.old, job_.new_image, matches, matching);
        HdiffPrices prices = first_prices(job_.codec);
        const int rounds = job_.codec == HdiffCodec::none ? 1 : job_.new_image.size() <= thorough_bytes ? 4 : 3;
        for (int round = 1; round <= rounds; ++round) {
            const Covers covers = chooser.choose(prices);
            try_covers(covers);
            if (round != rounds) prices = measure(job_, covers, prices);
            report(options_, 0.4 + 0.3 * round / rounds);
        }
    }

    Patch finish() {
        // what cannot become the smaller one any more is not packed with care
        const bool parts =
            with_parts_ && (!with_steps_ || parts_.bytes() <= steps_.bytes() + steps_.bytes() / close_call);
        const bool steps =
            with_steps_ && (!with_parts_ || steps_.bytes() <= parts_.bytes() + parts_.bytes() / close_call);
        Patch one, other;
        each_form(parts, [&] { one = finish_parts(); }, steps, [&] { other = finish_steps(); });
        return !parts || (steps && other.bytes.size() < one.bytes.size()) ? other : one;
    }

private:
    void try_parts(const Covers& covers) {
        parts_.offer({job_.parts(covers, run_rules[0], Effort::one_setting)}, covers, 0);
    }
    void try_steps(const Covers& covers, std::size_t zeros) {
        steps_.offer(job_.steps(covers, zeros, Effort::one_setting), covers, zeros);
    }
    void try_covers(Covers covers) {
        std::erase_if(covers, [this](const Cover& cover) { return cover.bytes < options_.min_cover_bytes; });
        each_form(with_parts_, [&] { try_parts(covers); }, with_steps_, [&] { try_steps(covers, zero_rules[0]); });
    }
    /// What is wished of the two, side by side.
    template <class Parts, class Steps>
    void each_form(bool parts, const Parts& of_parts, bool steps, const Steps& of_steps) const {
        run_parallel(2, thread_count(options_.threads), [&](std::size_t i) {
            if (i == 0 && parts) of_parts();
            if (i == 1 && steps) of_steps();
        });
    }

    /// The rule that packs best; nothing but runs and values depends on it.
    [[nodiscard]] HdiffRunRule best_run_rule(const Covers& covers) const {
        HdiffRunRule best = run_rules[0];
        std::size_t best_bytes = 0;
        for (const HdiffRunRule& rule : run_rules) {
            const HdiffParts parts = write_hdiff_parts(job_.old, job_.new_image, covers, rule);
            const std::size_t bytes = job_.packed_bytes(parts.runs) + job_.packed_bytes(parts.values);
            if (best_bytes != 0 && bytes >= best_bytes) continue;
            best_bytes = bytes;
            best = rule;
        }
        return best;
    }

    Patch finish_parts() {
        Patch patch;
        patch.bytes = large_ ? std::move(parts_.patch.bytes)
                             : job_.parts(parts_.covers, best_run_rule(parts_.covers), Effort::all_settings);
        patch.format = "hdiff13" + packed_with();
        return patch;
    }

    Patch finish_steps() {
        if (steps_.bytes() <= thorough_bytes) {
            const Covers covers = steps_.covers;
            for (const std::size_t zeros : zero_rules) try_steps(covers, zeros);
        }
        HdiffStepsPatch made =
            large_ ? std::move(steps_.patch) : job_.steps(steps_.covers, steps_.zeros, Effort::all_settings);
        Patch patch;
        patch.bytes = std::move(made.bytes);
        if (begins_with(patch.bytes, hdiff_steps_magic)) {
            patch.format = "hdiffsf";
            patch.payload = PayloadFormat::hdiffsf;
            patch.decoder_ram_bytes = decoder_ram_bytes(PayloadFormat::hdiffsf, made.step_bytes);
        } else {
            patch.format = "hdiffsf" + packed_with();
        }
        return patch;
    }

    [[nodiscard]] std::string packed_with() const {
        return job_.codec == HdiffCodec::none ? "" : "+" + std::string(name_on_command_line(job_.codec));
    }

    const Job& job_;
    const DiffOptions& options_;
    bool with_parts_, with_steps_, large_;
    Best parts_, steps_;
};

}  // namespace

Patch encode_hdiff(Bytes old, Bytes new_image, std::optional<HdiffForm> form, HdiffCodec codec,
                   const DiffOptions& options) {
    const Job job{old, new_image, codec, step_rule(codec, options)};
    Encoder encoder(job, form, options);
    encoder.choose();
    return encoder.finish();
}

}  // namespace sb::diff
