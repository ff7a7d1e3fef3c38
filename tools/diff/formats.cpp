#include <algorithm>
#include <numeric>

#include "tools/diff/format.hpp"
#include "tools/diff/spill_file.hpp"

namespace sb::diff {
namespace {

constexpr const Format* formats[] = {&bsdiff_format,  &endsley_format, &hdiff_format,
                                     &hdiff13_format, &hdiffsf_format, &hpatchlite_format,
                                     &lzma_format,    &sbd_format,     &vcdiff_format};
constexpr std::uint32_t head_bytes = 64;

const Format& format_of(const std::string& name) {
    const auto found = std::ranges::find(formats, name, &Format::name);
    if (found != std::end(formats)) return **found;
    std::string known;
    for (const Format* format : formats) known += (known.empty() ? "" : ", ") + std::string(format->name);
    throw OptionError("patch format '" + name + "' is not offered; choose one of: " + known);
}

const Format* recognise(Bytes head) {
    const auto found = std::ranges::find_if(formats, [&](const Format* format) { return format->recognises(head); });
    return found == std::end(formats) ? nullptr : *found;
}

class MemorySink final : public Sink {
public:
    void write(Bytes bytes) override { made.insert(made.end(), bytes.begin(), bytes.end()); }
    std::vector<std::uint8_t> made;
};

/// Compares what is made with what was to be made, without keeping it.
class ComparingSink final : public Sink {
public:
    explicit ComparingSink(Bytes expected) : left_(expected) {}
    void write(Bytes bytes) override {
        same_ = same_ && bytes.size() <= left_.size() && equal(left_.first(bytes.size()), bytes);
        if (same_) left_ = left_.subspan(bytes.size());
    }
    [[nodiscard]] bool same() const { return same_ && left_.empty(); }

private:
    Bytes left_;
    bool same_ = true;
};

/// Compares what is made with an image that is read.
class ReaderComparingSink final : public Sink {
public:
    explicit ReaderComparingSink(Reader& expected) : expected_(expected) {}
    void write(Bytes bytes) override {
        room_.resize(bytes.size());
        same_ = same_ && bytes.size() <= expected_.bytes() - at_ && expected_.read(at_, room_) && equal(room_, bytes);
        if (same_) at_ += static_cast<std::uint32_t>(bytes.size());
    }
    [[nodiscard]] bool same() const { return same_ && at_ == expected_.bytes(); }

private:
    Reader& expected_;
    std::vector<std::uint8_t> room_;
    std::uint32_t at_ = 0;
    bool same_ = true;
};

const Format& chosen(const DiffOptions& options) {
    const Format& format = format_of(options.format);
    if (!options.compress.empty() &&
        std::ranges::find(format.compressions, options.compress) == format.compressions.end())
        throw OptionError("patch format '" + options.format + "' has no compression '" + options.compress + "'");
    const bool of_sbd = options.level != 0 || !options.speed.empty();
    if (of_sbd && &format != &sbd_format)
        throw OptionError("--level and --speed are for patch format 'sbd', not '" + options.format + "'");
    if (options.in_place && &format != &sbd_format && &format != &endsley_format)
        throw OptionError("--in-place is for patch formats 'sbd' and 'endsley', not '" + options.format + "'");
    const bool has_window = &format == &vcdiff_format;
    if (options.window_bytes != 0 && !has_window)
        throw OptionError("--window is for patch format 'vcdiff', not '" + options.format + "'");
    const bool bounds_ram = !has_window && &format != &bsdiff_format && &format != &hdiff13_format;
    if (options.ram_bytes != 0 && !bounds_ram)
        throw OptionError("patch format '" + options.format + "' has no use for --ram" +
                          (has_window ? "; its decoder's memory is the --window" : ""));
    return format;
}

std::uint64_t sum(const std::vector<PatchCover>& covers, std::uint64_t PatchCover::* member) {
    return std::accumulate(covers.begin(), covers.end(), std::uint64_t{0},
                           [&](std::uint64_t total, const PatchCover& cover) { return total + cover.*member; });
}

}  // namespace

std::vector<Offer> offers() {
    std::vector<Offer> all;
    for (const Format* format : formats) all.push_back({format->name, format->compressions, format->description});
    return all;
}

Patch make_patch(Bytes old, Bytes new_image, const DiffOptions& options) {
    const Format& format = chosen(options);
    if (new_image.size() >> 31 != 0) throw std::length_error("the new image is 2 GiB or larger");
    Patch patch = format.encode(old, new_image, options);
    report(options, 0.95);
    MemoryReader old_reader{old};
    MemoryReader patch_reader{patch.bytes};
    ComparingSink made(new_image);
    apply_patch(old_reader, patch_reader, made);
    if (!made.same()) throw std::runtime_error("the patch just made does not give the new image");
    report(options, 1);
    return patch;
}

PatchSummary make_patch_bounded(Reader& old, Reader& new_image, Sink& out, const DiffOptions& options) {
    const Format& format = chosen(options);
    if (format.encode_bounded == nullptr) {
        std::string able;
        for (const Format* other : formats)
            if (other->encode_bounded != nullptr) able += (able.empty() ? "" : ", ") + std::string(other->name);
        throw OptionError("patch format '" + options.format +
                          "' cannot be made in bounded memory; choose one of: " + able);
    }
    SpillFile patch;
    PatchSummary summary = format.encode_bounded(old, new_image, patch, options);
    report(options, 0.95);
    ReaderComparingSink made(new_image);
    apply_patch(old, patch, made);
    if (!made.same()) throw std::runtime_error("the patch just made does not give the new image");
    patch.copy_to(out);
    summary.bytes = patch.bytes();
    report(options, 1);
    return summary;
}

void apply_patch(Reader& old, Reader& patch, Sink& out) {
    const Format* const format = recognise(read_head(patch, head_bytes));
    if (format == nullptr) throw PatchError(Error::malformed, 0, "not a patch of a known format");
    format->apply(old, patch, out);
}

std::vector<std::uint8_t> apply_patch(Bytes old, Bytes patch) {
    MemoryReader old_reader{old};
    MemoryReader patch_reader{patch};
    MemorySink out;
    apply_patch(old_reader, patch_reader, out);
    return std::move(out.made);
}

bool is_patch(Bytes head) {
    return recognise(head) != nullptr;
}

std::optional<std::string_view> format_of_patch(Bytes head) {
    const Format* const format = recognise(head);
    if (format == nullptr) return std::nullopt;
    return format->full_name != nullptr ? format->full_name(head) : format->name;
}

std::optional<PatchInfo> inspect_patch(Bytes patch) {
    const Format* const format = recognise(patch.first(std::min<std::size_t>(patch.size(), head_bytes)));
    if (format == nullptr) return std::nullopt;
    return format->inspect(patch);
}

std::uint64_t PatchInfo::covered_bytes() const {
    return sum(covers, &PatchCover::bytes);
}

std::uint64_t PatchInfo::unchanged_bytes() const {
    return sum(covers, &PatchCover::unchanged_bytes);
}

}  // namespace sb::diff
