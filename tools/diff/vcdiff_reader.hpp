// tools/diff: reads a VCDIFF window by window, with what devices do without: windows of any size, copies from the
// whole image made so far (VCD_TARGET), and sections packed with LZMA as xdelta3 packs them. Headers are read
// by core/delta, the code that devices run, and so are instructions where they are to be explained.
#pragma once

#include <future>
#include <memory>
#include <optional>

#include "core/delta/patch_source.hpp"
#include "core/delta/vcdiff_interpreter.hpp"
#include "tools/diff/big_buffer.hpp"
#include "tools/diff/codec_xz.hpp"
#include "tools/diff/patch.hpp"
#include "tools/diff/vcdiff_quick.hpp"

namespace sb::diff {

/// xdelta3's numbers of secondary compressors.
enum class VcdiffSecondary : std::uint8_t { none = 0, djw = 1, lzma = 2, fgk = 16 };

/// A window as it stands in the patch.
struct VcdiffLoaded {
    VcdiffWindowHeader header;
    std::uint32_t sections_at = 0;                                    ///< where its sections stand in the patch
    std::array<std::vector<std::uint8_t>, vcdiff_sections> sections;  ///< unpacked

    [[nodiscard]] VcdiffSections plain() const { return {sections[0], sections[1], sections[2]}; }
};

/// The headers and sections of a patch, in their order. All throw PatchError.
class VcdiffFile {
public:
    explicit VcdiffFile(PatchSource& patch);

    /// Goes to the next window, from whose sections nothing needs to have been read. False at the patch's end.
    [[nodiscard]] bool next();
    [[nodiscard]] const VcdiffWindow& window() const { return window_.window(); }
    /// Where the present window's sections stand in the patch.
    [[nodiscard]] std::uint32_t sections_at() const { return sections_at_; }
    [[nodiscard]] std::uint32_t patch_bytes() const { return patch_.bytes(); }
    /// Where the first window stands.
    [[nodiscard]] std::uint32_t windows_at() const { return windows_at_; }
    /// Goes to the next window, if there is one, and reads and unpacks its sections. Requires: called for each window
    /// in turn, as packed sections are one stream.
    [[nodiscard]] std::optional<VcdiffLoaded> load();
    /// Back to before the first window; only for a file whose sections were not read.
    void rewind() { at_ = windows_at_; }

private:
    [[nodiscard]] std::uint8_t next_byte();
    [[nodiscard]] std::uint64_t most_plain_bytes(std::size_t section) const;
    [[nodiscard]] std::vector<std::uint8_t> unpack(std::size_t section, Bytes packed);

    PatchSource& patch_;
    std::uint32_t at_ = 0;
    std::uint32_t windows_at_ = 0;
    std::uint32_t sections_at_ = 0;
    VcdiffHeader header_;
    VcdiffWindowHeader window_;
    std::array<std::unique_ptr<XzUnpacker>, vcdiff_sections> unpackers_;
};

/// Makes the windows of a patch; while it makes one, the next one may be unpacked on a second core. All throw
/// PatchError.
class VcdiffReader {
public:
    /// Requires: all outlive the reader. With `listener`, which is told of each instruction, the patch is only
    /// explained: `old` need not be the old image, and checksums are not compared.
    VcdiffReader(Reader& old, PatchSource& patch, VcdiffListener* listener = nullptr);

    /// Makes the next window and lends its bytes to `out` as they are made; false at the end. They stay until the next
    /// call, or until the reader ends.
    [[nodiscard]] bool next(Sink* out = nullptr);
    [[nodiscard]] const VcdiffWindow& window() const { return present_->header.window(); }
    /// The window as it stood in the patch; its sections are still there.
    [[nodiscard]] const VcdiffLoaded& loaded() const { return *present_; }
    /// Where the first window stands.
    [[nodiscard]] std::uint32_t windows_at() const { return file_.windows_at(); }

private:
    void measure();
    void load_next();
    void begin_window(Reader& earlier);
    [[nodiscard]] Result<void> explain_window();
    [[nodiscard]] Result<void> make_window(Sink* out);

    VcdiffFile file_;
    Reader& old_;
    bool explain_;
    std::array<std::uint8_t, vcdiff_large_cache_bytes> cache_;
    VcdiffInterpreter interpreter_;  // tells what it does
    VcdiffQuick quick_;              // does it
    BigBuffer target_;
    std::uint32_t kept_ = 0;           // how much of the image windows copy from
    std::vector<std::uint8_t> image_;  // its first bytes, up to that
    std::launch how_ = std::launch::deferred;
    std::optional<VcdiffLoaded> present_;
    std::future<std::optional<VcdiffLoaded>> coming_;  // last: it ends before the rest
};

}  // namespace sb::diff
