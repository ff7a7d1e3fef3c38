#include "tools/diff/vcdiff_reader.hpp"

#include <algorithm>

#include "tools/diff/adler.hpp"
#include "tools/diff/format.hpp"
#include "tools/diff/parallel.hpp"

namespace sb::diff {
namespace {

constexpr std::uint32_t largest_window = 1U << 30;
constexpr std::uint32_t long_bytes = 1U << 14;   // packed; from here on a second thread pays
constexpr std::uint32_t piece_bytes = 1U << 17;  // of a window, lent when it is made

const char* name_of(std::uint8_t secondary) {
    switch (static_cast<VcdiffSecondary>(secondary)) {
        case VcdiffSecondary::djw:
            return "DJW";
        case VcdiffSecondary::fgk:
            return "FGK";
        default:
            return "a secondary compressor that is not known here";
    }
}

}  // namespace

VcdiffFile::VcdiffFile(PatchSource& patch) : patch_(patch) {
    for (bool whole = false; !whole;) {
        const auto took = header_.take(next_byte());
        if (!took) refuse(took.error(), at_ - 1);
        whole = *took;
    }
    windows_at_ = at_;
}

std::uint8_t VcdiffFile::next_byte() {
    if (at_ >= patch_.bytes()) refuse(Error::truncated, at_);
    std::uint8_t byte = 0;
    if (const auto read = patch_.read(at_, {&byte, 1}); !read) refuse(read.error(), at_);
    ++at_;
    return byte;
}

bool VcdiffFile::next() {
    if (at_ == patch_.bytes()) return false;
    window_.begin(header_.version());
    for (bool whole = false; !whole;) {
        const auto took = window_.take(next_byte());
        if (!took) refuse(took.error(), at_ - 1);
        whole = *took;
    }
    if (window().target_bytes > largest_window) refuse(Error::too_large, at_);
    if (window().sections_bytes() > patch_.bytes() - at_) refuse(Error::truncated, patch_.bytes());
    sections_at_ = at_;
    at_ += window().sections_bytes();
    return true;
}

std::optional<VcdiffLoaded> VcdiffFile::load() {
    if (!next()) return std::nullopt;
    VcdiffLoaded loaded{window_, sections_at_, {}};
    std::uint32_t from = sections_at_;
    for (std::size_t i = 0; i < vcdiff_sections; ++i) {
        const std::uint32_t bytes = window().section_bytes[i];
        std::vector<std::uint8_t>& section = loaded.sections[i];
        section.resize(bytes);
        if (const auto read = patch_.read(from, section); !read) refuse(read.error(), from);
        from += bytes;
    }
    // each section's kind is a stream of its own
    const bool pays = window().packed != 0 && window().sections_bytes() >= long_bytes;
    const unsigned threads = pays ? thread_count(0) : 1;
    run_parallel(vcdiff_sections, threads, [&](std::size_t i) {
        if ((window().packed >> i & 1) != 0) loaded.sections[i] = unpack(i, loaded.sections[i]);
    });
    return loaded;
}

/// No instruction needs more: each makes a byte at least. Its code and size take 6 bytes, the address of a copy 5, and
/// an ADD's byte makes a byte.
std::uint64_t VcdiffFile::most_plain_bytes(std::size_t section) const {
    constexpr std::array<std::uint64_t, vcdiff_sections> by_byte_made{1, 6, 5};
    constexpr std::uint64_t to_spare = 64;  // instructions that make nothing
    return by_byte_made[section] * window().target_bytes + to_spare;
}

/// A packed section: the size of what it gives, then a piece of the xz stream of its kind.
std::vector<std::uint8_t> VcdiffFile::unpack(std::size_t section, Bytes packed) {
    if (header_.secondary() != static_cast<std::uint8_t>(VcdiffSecondary::lzma))
        throw PatchError(Error::unsupported, sections_at_,
                         std::string("packed with ") + name_of(header_.secondary()) +
                             ", which is not read; make the patch again with xdelta3 -S lzma (or -S none)");
    Base128 plain_bytes;
    for (bool whole = false; !whole; packed = packed.subspan(1)) {
        if (packed.empty()) refuse(Error::malformed, sections_at_);
        const auto took = plain_bytes.take(packed.front());
        if (!took) refuse(took.error(), sections_at_);
        whole = *took;
    }
    if (plain_bytes.whole_value() > most_plain_bytes(section)) refuse(Error::malformed, sections_at_);
    if (unpackers_[section] == nullptr) unpackers_[section] = std::make_unique<XzUnpacker>();
    auto plain = unpackers_[section]->unpack(packed, plain_bytes.whole_value());
    if (!plain) refuse(plain.error(), sections_at_);
    return std::move(*plain);
}

VcdiffReader::VcdiffReader(Reader& old, PatchSource& patch, VcdiffListener* listener)
    : file_(patch), old_(old), explain_(listener != nullptr), interpreter_(cache_) {
    interpreter_.listen(listener);
    measure();
}

/// Reads the headers alone, for how much of the image has to be kept.
void VcdiffReader::measure() {
    std::uint64_t made = 0;
    unsigned windows = 0;
    while (file_.next()) {
        const VcdiffWindow& window = file_.window();
        const std::uint32_t source_end = window.source_at + window.source_bytes;
        if (window.copies_target() && source_end > made) refuse(Error::bad_patch, file_.sections_at());
        if (window.copies_target()) kept_ = std::max(kept_, source_end);
        made += window.target_bytes;
        if (made >> 32 != 0) refuse(Error::too_large, file_.sections_at());
        ++windows;
    }
    if (windows > 1 && file_.patch_bytes() / windows >= long_bytes && thread_count(0) > 1) how_ = std::launch::async;
    file_.rewind();
}

void VcdiffReader::load_next() {
    coming_ = std::async(how_, [this] { return file_.load(); });
}

bool VcdiffReader::next(Sink* out) {
    if (out != nullptr) out->settle();
    if (!coming_.valid()) load_next();
    present_ = coming_.get();
    if (!present_) return false;
    load_next();
    MemoryReader earlier{image_};
    begin_window(earlier);
    if (const auto made = explain_ ? explain_window() : make_window(out); !made) {
        if (made.error() != Error::bad_digest) refuse(made.error(), present_->sections_at);
        throw PatchError(Error::bad_digest, present_->sections_at,
                         "the checksum of a window does not fit: another old image, or a damaged patch");
    }
    const std::size_t keep = std::min<std::size_t>(kept_ - image_.size(), window().target_bytes);
    image_.insert(image_.end(), target_.data(), target_.data() + keep);
    return true;
}

/// Errors: those of VcdiffQuick; bad_digest.
Result<void> VcdiffReader::make_window(Sink* out) {
    Adler sum(present_->header.first_sum());
    do {
        const std::uint32_t given = quick_.made();
        SB_TRY(quick_.make(piece_bytes));
        const Bytes made = target_.all().first(quick_.made()).subspan(given);
        sum.take(made);
        if (out != nullptr) out->lend(made);
    } while (!quick_.whole());
    if (!present_->header.accepts_sum(sum.value())) return fail(Error::bad_digest);
    return {};
}

Result<void> VcdiffReader::explain_window() {
    VcdiffSections left = present_->plain();
    if (present_->header.interleaved())
        while (!left[1].empty()) SB_TRY(interpreter_.take(left[1]));
    return run_vcdiff_sections(interpreter_, left);
}

void VcdiffReader::begin_window(Reader& earlier) {
    if (!window().copies_target() && !explain_ && window().source_at + window().source_bytes > old_.bytes())
        throw PatchError(Error::bad_patch, present_->sections_at, "the patch copies from beyond the old image's end");
    if (window().target_bytes > target_.size()) {
        target_ = {};
        target_ = BigBuffer(window().target_bytes, BigBuffer::quick);
    }
    Reader& source = window().copies_target() ? earlier : old_;
    if (explain_)
        interpreter_.begin(window(), source, target_.data());
    else
        quick_.begin(window(), source, target_.data(), present_->plain(), present_->header.interleaved());
}

}  // namespace sb::diff
