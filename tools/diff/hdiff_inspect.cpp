#include "tools/diff/hdiff_inspect.hpp"

#include <algorithm>

#include "core/delta/factory.hpp"
#include "core/delta/hdiff_number.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/hdiff_codec.hpp"

namespace sb::diff {
namespace {

using Buffer = std::vector<std::uint8_t>;

template <class T>
T taken(Result<T> result, std::uint64_t at) {
    if (!result) refuse(result.error(), at);
    return *result;
}

HdiffCodec codec_of(std::string_view name) {
    const auto codec = hdiff_codec_in_patch(name);
    if (!codec) throw PatchError(Error::unsupported, 0, "the patch is packed with something that is not read here");
    return *codec;
}

Buffer unpacked(Reader& patch, std::uint32_t at, const HdiffPart& part, HdiffCodec codec) {
    HdiffPartReader reader(patch, at, part, codec);
    Buffer plain;
    Buffer piece(1U << 16);
    for (;;) {
        const std::size_t count = taken(reader.read(piece), at);
        if (count == 0) break;
        if (count > part.plain_bytes - plain.size()) refuse(Error::bad_patch, at);
        plain.insert(plain.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(count));
    }
    if (plain.size() != part.plain_bytes) refuse(Error::truncated, at);
    return plain;
}

/// Numbers one after the other.
class Numbers {
public:
    Numbers(Bytes bytes, std::uint64_t patch_at) : bytes_(bytes), patch_at_(patch_at) {}

    [[nodiscard]] bool at_end() const { return at_ == bytes_.size(); }
    HdiffNumber next(unsigned tag_bits = 0) { return taken(read_hdiff_number(bytes_, at_, tag_bits), patch_at_); }
    Bytes bytes(std::size_t count) {
        if (count > bytes_.size() - at_) refuse(Error::bad_patch, patch_at_);
        at_ += static_cast<std::uint32_t>(count);
        return bytes_.subspan(at_ - count, count);
    }

private:
    Bytes bytes_;
    std::uint64_t patch_at_;
    std::uint32_t at_ = 0;
};

/// Follows covers and adds them to the explanation.
class CoverFollower {
public:
    CoverFollower(PatchInfo& info, std::uint64_t patch_at) : info_(info), patch_at_(patch_at) {}

    struct Next {
        std::uint64_t fresh, covered;
    };
    Next read(Numbers& numbers) {
        const HdiffNumber seek = numbers.next(1);
        const Next next{numbers.next().whole_value(), numbers.next().whole_value()};
        const bool back = seek.tag() != 0;
        const std::uint64_t old_bytes = info_.old_bytes.value_or(0);
        if (seek.whole_value() > (back ? old_end_ : old_bytes - old_end_)) refuse(Error::bad_patch, patch_at_);
        old_end_ += back ? 0 - std::uint64_t{seek.whole_value()} : seek.whole_value();
        if (next.covered > old_bytes - old_end_ || next.fresh + next.covered > info_.new_bytes - new_end_)
            refuse(Error::bad_patch, patch_at_);
        return next;
    }
    void add(const Next& next, std::uint64_t unchanged) {
        new_end_ += next.fresh;
        info_.extra_bytes += next.fresh;
        if (next.covered != 0) info_.covers.push_back({new_end_, old_end_, next.covered, unchanged});
        new_end_ += next.covered;
        old_end_ += next.covered;
    }
    /// What is behind the last cover.
    [[nodiscard]] std::uint64_t left() const { return info_.new_bytes - new_end_; }

private:
    PatchInfo& info_;
    std::uint64_t patch_at_;
    std::uint64_t new_end_ = 0, old_end_ = 0;
};

/// Runs of HDIFF13: counts zeros.
class Runs {
public:
    Runs(Bytes runs, Bytes values, std::uint64_t patch_at) : runs_(runs, patch_at), values_(values, patch_at) {}

    std::uint64_t zeros(std::uint64_t bytes) {
        std::uint64_t zeros = 0;
        while (bytes != 0) {
            if (left_ == 0) next();
            const std::uint64_t count = std::min(bytes, left_);
            if (type_ == 0)
                zeros += count;
            else if (type_ == 2)
                zeros += value_ == 0 ? count : 0;
            else if (type_ == 3)
                zeros += static_cast<std::uint64_t>(std::ranges::count(values_.bytes(count), 0));
            left_ -= count;
            bytes -= count;
        }
        return zeros;
    }

private:
    void next() {
        const HdiffNumber run = runs_.next(2);
        left_ = std::uint64_t{run.whole_value()} + 1;
        type_ = run.tag();
        if (type_ == 2) value_ = values_.bytes(1)[0];
    }

    Numbers runs_, values_;
    std::uint64_t left_ = 0;
    std::uint8_t type_ = 0, value_ = 0;
};

/// Runs of one step of HDIFFSF20.
class StepRuns {
public:
    StepRuns(Bytes runs, std::uint64_t patch_at) : runs_(runs, patch_at) {}

    std::uint64_t zeros(std::uint64_t bytes) {
        std::uint64_t zeros = 0;
        while (bytes != 0) {
            std::uint64_t count = std::min<std::uint64_t>(bytes, same_);
            zeros += count;
            same_ -= count;
            bytes -= count;
            count = std::min<std::uint64_t>(bytes, values_);
            zeros += static_cast<std::uint64_t>(std::ranges::count(runs_.bytes(count), 0));
            values_ -= count;
            bytes -= count;
            if (bytes == 0) break;
            (values_next_ ? values_ : same_) = runs_.next().whole_value();
            values_next_ = !values_next_;
        }
        return zeros;
    }

private:
    Numbers runs_;
    std::uint64_t same_ = 0, values_ = 0;
    bool values_next_ = false;
};

std::string format_name(std::string_view form, HdiffCodec codec) {
    std::string name(form);
    if (codec != HdiffCodec::none) name += "+" + std::string(name_on_command_line(codec));
    return name;
}

}  // namespace

PatchInfo inspect_hdiff_parts(Bytes patch) {
    MemoryReader reader{patch};
    const HdiffPartsHeader header = taken(parse_hdiff_parts_header(patch, reader.bytes()), 0);
    const HdiffCodec codec = codec_of(header.compression);
    PatchInfo info;
    info.format = format_name("hdiff13", codec);
    info.new_bytes = header.new_bytes;
    info.old_bytes = header.old_bytes;
    info.blocks = {{"header", header.bytes, header.bytes}};
    std::uint32_t at = header.bytes;
    const auto next = [&](const char* name, const HdiffPart& part) {
        Buffer plain = unpacked(reader, at, part, codec);
        info.blocks.push_back({name, part.stored_bytes(), part.plain_bytes});
        at += part.stored_bytes();
        return plain;
    };
    const Buffer cover_numbers = next("covers", header.cover_numbers);
    const Buffer run_numbers = next("runs of differences", header.runs);
    const Buffer values = next("differences", header.values);
    const Buffer fresh = next("extra bytes", header.fresh);

    Numbers numbers(cover_numbers, header.bytes);
    Runs runs(run_numbers, values, header.bytes);
    CoverFollower follower(info, header.bytes);
    for (std::uint32_t i = 0; i < header.covers; ++i) {
        const auto cover = follower.read(numbers);
        (void)runs.zeros(cover.fresh);
        follower.add(cover, runs.zeros(cover.covered));
    }
    info.extra_bytes += follower.left();
    if (!numbers.at_end() || info.extra_bytes != fresh.size()) refuse(Error::bad_patch, header.bytes);
    return info;
}

PatchInfo inspect_hdiff_steps(Bytes patch) {
    MemoryReader reader{patch};
    const HdiffStepsHeader header = taken(parse_hdiff_steps_header(patch, reader.bytes()), 0);
    const HdiffCodec codec = codec_of(header.compression);
    PatchInfo info;
    info.format = format_name("hdiffsf", codec);
    info.new_bytes = header.new_bytes;
    info.old_bytes = header.old_bytes;
    if (codec == HdiffCodec::none) {
        info.payload = PayloadFormat::hdiffsf;
        info.decoder_ram_bytes = decoder_ram_bytes(PayloadFormat::hdiffsf, header.step_bytes);
    }
    info.blocks = {{"header", header.bytes, header.bytes},
                   {"covers, differences and extra bytes", header.steps.stored_bytes(), header.steps.plain_bytes}};
    const Buffer plain = unpacked(reader, header.bytes, header.steps, codec);
    Numbers body(plain, header.bytes);
    CoverFollower follower(info, header.bytes);
    for (std::uint32_t covers = 0; covers != header.covers;) {
        const std::uint32_t number_bytes = body.next().whole_value();
        const std::uint32_t run_bytes = body.next().whole_value();
        Numbers numbers(body.bytes(number_bytes), header.bytes);
        StepRuns runs(body.bytes(run_bytes), header.bytes);
        while (!numbers.at_end() && covers != header.covers) {
            const auto cover = follower.read(numbers);
            (void)body.bytes(cover.fresh);
            follower.add(cover, runs.zeros(cover.covered));
            ++covers;
        }
    }
    if (follower.left() != 0 || !body.at_end()) refuse(Error::bad_patch, header.bytes);
    return info;
}

}  // namespace sb::diff
