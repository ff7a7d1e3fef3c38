#include "tools/diff/hdiff_writer.hpp"

#include <algorithm>

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

void append(Buffer& to, Bytes bytes) {
    to.insert(to.end(), bytes.begin(), bytes.end());
}

/// The differences over the whole new image; 0 where there is no cover.
Buffer all_differences(Bytes old, Bytes new_image, const Covers& covers) {
    Buffer differences(new_image.size());
    for (const Cover& cover : covers)
        for (std::size_t i = 0; i < cover.bytes; ++i)
            differences[cover.new_at + i] =
                static_cast<std::uint8_t>(new_image[cover.new_at + i] - old[cover.old_at + i]);
    return differences;
}

/// Writes covers one after the other, each relative to the end of the last one.
class CoverWriter {
public:
    void put(Buffer& to, const Cover& cover) {
        const bool back = cover.old_at < old_end_;
        put_hdiff_number(to, back ? old_end_ - cover.old_at : cover.old_at - old_end_, back ? 1 : 0, 1);
        put_hdiff_number(to, cover.new_at - new_end_);
        put_hdiff_number(to, cover.bytes);
        old_end_ = cover.old_end();
        new_end_ = cover.new_end();
    }
    [[nodiscard]] std::size_t old_end() const { return old_end_; }
    [[nodiscard]] std::size_t new_end() const { return new_end_; }

private:
    std::size_t old_end_ = 0, new_end_ = 0;
};

enum RunType : unsigned { run_of_zeros = 0, run_of_ones = 1, run_of_a_value = 2, run_of_values = 3 };

/// Writes differences as the runs of HDIFF13.
class RunWriter {
public:
    RunWriter(HdiffParts& to, const HdiffRunRule& rule) : to_(to), rule_(rule) {}

    void put(Bytes differences) {
        for (std::size_t at = 0; at < differences.size();) {
            const std::uint8_t value = differences[at];
            std::size_t end = at + 1;
            while (end < differences.size() && differences[end] == value) ++end;
            const std::size_t least = value == 0 ? rule_.zeros : value == 0xff ? rule_.ones : rule_.others;
            if (end - at >= least) {
                put_values(differences.subspan(values_from_, at - values_from_));
                put_run(value, end - at);
                values_from_ = end;
            }
            at = end;
        }
        put_values(differences.subspan(values_from_));
    }

private:
    void put_run(std::uint8_t value, std::size_t length) {
        const RunType type = value == 0 ? run_of_zeros : value == 0xff ? run_of_ones : run_of_a_value;
        put_hdiff_number(to_.runs, length - 1, type, 2);
        if (type == run_of_a_value) to_.values.push_back(value);
    }
    void put_values(Bytes values) {
        if (values.empty()) return;
        if (values.size() == 1) return put_run(values[0], 1);
        put_hdiff_number(to_.runs, values.size() - 1, run_of_values, 2);
        append(to_.values, values);
    }

    HdiffParts& to_;
    const HdiffRunRule& rule_;
    std::size_t values_from_ = 0;
};

/// Writes covers and differences of one step after the other.
class StepWriter {
public:
    StepWriter(Bytes old, Bytes new_image, const HdiffStepRule& rule) : old_(old), new_(new_image), rule_(rule) {}

    void put(const Cover& cover) {
        // room for a cover and its first difference
        if (needed() + slack > rule_.step_bytes) end_step();
        Cover piece = cover;
        append(fresh_, new_.subspan(covers_.new_end(), cover.new_at - covers_.new_end()));
        for (piece.bytes = 0; piece.new_end() < cover.new_end();) {
            const std::size_t at = piece.new_end();
            const bool cut = rule_.image_bytes != 0 && at % rule_.image_bytes == 0 && piece.bytes != 0;
            if (cut || needed() + slack > rule_.step_bytes) {
                put_numbers(piece);
                end_step();
                piece = {at, piece.old_end(), 0};
            }
            put_difference(static_cast<std::uint8_t>(new_[at] - old_[piece.old_end()]));
            ++piece.bytes;
        }
        put_numbers(piece);
    }

    HdiffSteps finish() {
        const std::size_t left = new_.size() - covers_.new_end();
        if (left != 0 || steps_.covers == 0) {
            if (needed() + slack > rule_.step_bytes) end_step();
            append(fresh_, new_.last(left));
            put_numbers({new_.size(), covers_.old_end(), 0});
        }
        end_step();
        return std::move(steps_);
    }

private:
    static constexpr std::size_t most_number_bytes = 5;
    /// What one more byte of a cover adds, at most, with the numbers of the cover.
    static constexpr std::size_t slack = 6 * most_number_bytes + 1;

    /// What the step takes if it ends now, at most.
    [[nodiscard]] std::size_t needed() const {
        return numbers_.size() + runs_.size() + values_.size() + 3 * most_number_bytes;
    }

    void put_numbers(const Cover& cover) {
        covers_.put(numbers_, cover);
        ++steps_.covers;
    }

    void put_difference(std::uint8_t difference) {
        if (difference == 0) {
            ++zeros_;
            return;
        }
        if (zeros_ != 0 && zeros_ < rule_.zeros && !values_.empty()) {
            values_.resize(values_.size() + zeros_);
        } else if (zeros_ != 0) {
            put_values();
            zeros_before_ = zeros_;
        }
        zeros_ = 0;
        values_.push_back(difference);
    }

    void put_values() {
        if (values_.empty()) return;
        put_hdiff_number(runs_, zeros_before_);
        put_hdiff_number(runs_, values_.size());
        append(runs_, values_);
        values_.clear();
        zeros_before_ = 0;
    }

    void end_step() {
        put_values();
        if (zeros_ != 0) put_hdiff_number(runs_, zeros_);
        if (numbers_.empty()) return;
        put_hdiff_number(steps_.bytes, numbers_.size());
        put_hdiff_number(steps_.bytes, runs_.size());
        steps_.step_bytes = std::max(steps_.step_bytes, numbers_.size() + runs_.size());
        append(steps_.bytes, numbers_);
        append(steps_.bytes, runs_);
        append(steps_.bytes, fresh_);
        numbers_.clear();
        runs_.clear();
        fresh_.clear();
        zeros_ = zeros_before_ = 0;
    }

    Bytes old_, new_;
    const HdiffStepRule& rule_;
    CoverWriter covers_;
    HdiffSteps steps_;
    Buffer numbers_, runs_, fresh_;
    Buffer values_;                 // not written yet,
    std::size_t zeros_before_ = 0;  // with zeros before them
    std::size_t zeros_ = 0;         // and behind them
};

}  // namespace

void put_hdiff_number(std::vector<std::uint8_t>& to, std::size_t value, unsigned tag, unsigned tag_bits) {
    unsigned groups = 0;  // of 7 bits behind the first byte, which has 7 - tag_bits of its own
    while (value >> (7 - tag_bits + 7 * groups) != 0) ++groups;
    const unsigned more = 1U << (7 - tag_bits);
    to.push_back(static_cast<std::uint8_t>(tag << (8 - tag_bits) | (groups != 0 ? more : 0) | value >> 7 * groups));
    while (groups-- != 0)
        to.push_back(static_cast<std::uint8_t>((groups != 0 ? 0x80 : 0) | (value >> 7 * groups & 0x7f)));
}

HdiffParts write_hdiff_parts(Bytes old, Bytes new_image, const Covers& covers, const HdiffRunRule& rule) {
    HdiffParts parts;
    CoverWriter numbers;
    for (const Cover& cover : covers) {
        append(parts.fresh, new_image.subspan(numbers.new_end(), cover.new_at - numbers.new_end()));
        numbers.put(parts.cover_numbers, cover);
    }
    append(parts.fresh, new_image.subspan(numbers.new_end()));
    RunWriter(parts, rule).put(all_differences(old, new_image, covers));
    return parts;
}

HdiffSteps write_hdiff_steps(Bytes old, Bytes new_image, const Covers& covers, const HdiffStepRule& rule) {
    StepWriter writer(old, new_image, rule);
    for (const Cover& cover : covers) writer.put(cover);
    return writer.finish();
}

}  // namespace sb::diff
