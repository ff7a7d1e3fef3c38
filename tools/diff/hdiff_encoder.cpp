#include "tools/diff/hdiff_encoder.hpp"

#include <algorithm>
#include <cmath>

#include "core/delta/factory.hpp"
#include "core/delta/hdiff_header.hpp"
#include "core/delta/hdiff_steps.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/hdiff_covers.hpp"
#include "tools/diff/hdiff_writer.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

/// Above these, a try costs a noticeable part of a second, or seconds.
constexpr std::size_t thorough_bytes = std::size_t{512} << 10;
constexpr std::size_t large_bytes = std::size_t{8} << 20;
/// Packed with care, a form gains no more than a part in so many on the other one.
constexpr std::size_t close_call = 40;

/// Unless asked for less, steps of a packed patch are hdiffz's size; those for a device fit a small one.
constexpr std::size_t host_step_bytes = std::size_t{256} << 10;
constexpr std::size_t device_step_bytes = std::size_t{16} << 10;
constexpr std::size_t least_step_bytes = 256;

void append(Buffer& to, Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

void put_magic(Buffer& to, std::string_view magic, HdiffCodec codec) {
    to.insert(to.end(), magic.begin(), magic.end());
    const std::string_view name = name_in_patch(codec);
    to.insert(to.end(), name.begin(), name.end());
    to.push_back(0);
}

/// What is smaller: packed bytes, or nothing, which means that they stay plain.
Buffer packed_if_smaller(Bytes plain, HdiffCodec codec, Effort effort) {
    if (codec == HdiffCodec::none || plain.empty()) return {};
    Buffer packed = pack_hdiff(plain, codec, effort);
    if (packed.size() >= plain.size()) packed.clear();
    return packed;
}

std::size_t packed_size(Bytes plain, HdiffCodec codec) {
    const std::size_t packed = packed_if_smaller(plain, codec, Effort::one_setting).size();
    return packed != 0 ? packed : plain.size();
}

/// Makes patches between the two images from lists of covers.
class Assembler {
public:
    Assembler(Bytes old, Bytes new_image, HdiffCodec codec, const HdiffStepRule& step_rule)
        : old_(old), new_(new_image), codec_(codec), step_rule_(step_rule) {}

    [[nodiscard]] Buffer parts(const Covers& covers, const HdiffRunRule& rule, Effort effort) const {
        const HdiffParts p = write_hdiff_parts(old_, new_, covers, rule);
        Buffer patch;
        put_magic(patch, hdiff_parts_magic, codec_);
        for (const std::size_t number : {new_.size(), old_.size(), covers.size()}) put_hdiff_number(patch, number);
        Buffer data;
        for (const Buffer* part : {&p.cover_numbers, &p.runs, &p.values, &p.fresh}) {
            const Buffer packed = packed_if_smaller(*part, codec_, effort);
            put_hdiff_number(patch, part->size());
            put_hdiff_number(patch, packed.size());
            append(data, packed.empty() ? *part : packed);
        }
        append(patch, data);
        return patch;
    }

    struct Stepped {
        Buffer patch;
        std::size_t step_bytes = 0;
    };
    [[nodiscard]] Stepped steps(const Covers& covers, std::size_t zeros, Effort effort) const {
        HdiffStepRule rule = step_rule_;
        rule.zeros = zeros;
        const HdiffSteps s = write_hdiff_steps(old_, new_, covers, rule);
        const Buffer packed = packed_if_smaller(s.bytes, codec_, effort);
        Buffer patch;
        put_magic(patch, hdiff_steps_name, packed.empty() ? HdiffCodec::none : codec_);
        for (const std::size_t number :
             {new_.size(), old_.size(), s.covers, s.step_bytes, s.bytes.size(), packed.size()})
            put_hdiff_number(patch, number);
        append(patch, packed.empty() ? s.bytes : packed);
        return {std::move(patch), s.step_bytes};
    }

    /// What covers, differences and the rest cost with these covers: prices for the next choice.
    [[nodiscard]] HdiffPrices measure(const Covers& covers, HdiffPrices prices) const;

private:
    Bytes old_, new_;
    HdiffCodec codec_;
    HdiffStepRule step_rule_;
};

/// Too little of something to measure it by.
constexpr std::size_t enough = 64;

HdiffPrices Assembler::measure(const Covers& covers, HdiffPrices prices) const {
    const HdiffParts parts = write_hdiff_parts(old_, new_, covers, {});
    const auto size = [&](const Buffer& part) { return static_cast<double>(packed_size(part, codec_)); };
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
            const auto difference = static_cast<std::uint8_t>(new_[cover.new_at + i] - old_[cover.old_at + i]);
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
template <class Rule>
struct Best {
    std::size_t bytes = 0;
    Covers covers{};
    Rule rule{};

    void offer(std::size_t made, const Covers& with, const Rule& by) {
        if (bytes != 0 && made >= bytes) return;
        bytes = made;
        covers = with;
        rule = by;
    }
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

}  // namespace

Patch encode_hdiff(Bytes old, Bytes new_image, std::optional<HdiffForm> form, HdiffCodec codec,
                   const DiffOptions& options) {
    const bool with_parts = form != HdiffForm::steps;
    const bool with_steps = form != HdiffForm::parts;
    const Assembler assembler(old, new_image, codec, step_rule(codec, options));
    const SuffixIndex index(old);
    report(options, 0.1);
    MatchTable matches(index, new_image);
    Best<HdiffRunRule> parts;
    Best<std::size_t> steps;
    const auto offer_parts = [&](const Covers& covers, const HdiffRunRule& rule) {
        parts.offer(assembler.parts(covers, rule, Effort::one_setting).size(), covers, rule);
    };
    const auto offer_steps = [&](const Covers& covers, std::size_t zeros) {
        steps.offer(assembler.steps(covers, zeros, Effort::one_setting).patch.size(), covers, zeros);
    };
    const auto consider = [&](const Covers& covers) {
        if (with_parts) offer_parts(covers, run_rules[0]);
        if (with_steps) offer_steps(covers, zero_rules[0]);
    };

    const std::size_t size = new_image.size();
    if (size <= large_bytes) {
        const HdiffCoverChooser chooser(old, new_image, matches,
                                        [&](double done) { report(options, 0.1 + 0.3 * done); });
        HdiffPrices prices = first_prices(codec);
        const int rounds = codec == HdiffCodec::none ? 1 : size <= thorough_bytes ? 4 : 2;
        for (int round = 0; round < rounds; ++round) {
            const Covers covers = chooser.choose(prices);
            consider(covers);
            prices = assembler.measure(covers, prices);
            report(options, 0.4 + 0.3 * (round + 1) / rounds);
        }
    } else {
        const Covers covers =
            find_covers(old, new_image, matches, {6}, [&](double done) { report(options, 0.1 + 0.6 * done); });
        consider(drop_poor_covers(old, new_image, join_covers(old, new_image, covers), 9));
    }

    // what cannot become the smaller one any more is not packed with care
    const bool finish_parts = with_parts && (!with_steps || parts.bytes <= steps.bytes + steps.bytes / close_call);
    const bool finish_steps = with_steps && (!with_parts || steps.bytes <= parts.bytes + parts.bytes / close_call);
    Patch patch;
    if (finish_parts) {
        const Covers covers = parts.covers;
        for (const HdiffRunRule& rule : run_rules) offer_parts(covers, rule);
        patch.bytes = assembler.parts(covers, parts.rule, Effort::all_settings);
        patch.format = "hdiff13";
    }
    report(options, 0.8);
    Assembler::Stepped stepped;
    if (finish_steps) {
        const Covers covers = steps.covers;
        for (const std::size_t zeros : zero_rules) offer_steps(covers, zeros);
        stepped = assembler.steps(covers, steps.rule, Effort::all_settings);
    }
    if (finish_steps && (!finish_parts || stepped.patch.size() < patch.bytes.size())) {
        patch.bytes = std::move(stepped.patch);
        patch.format = "hdiffsf";
        if (begins_with(patch.bytes, hdiff_steps_magic)) {
            patch.payload = PayloadFormat::hdiffsf;
            patch.decoder_ram_bytes =
                decoder_ram_bytes(PayloadFormat::hdiffsf, static_cast<std::uint32_t>(stepped.step_bytes));
            return patch;
        }
    }
    if (codec != HdiffCodec::none) patch.format += "+" + std::string(name_on_command_line(codec));
    return patch;
}

}  // namespace sb::diff
