// tools/diff: bytes that do not fit memory wait in a temporary file without a name.
#pragma once

#include "core/base/reader.hpp"
#include "tools/diff/patch.hpp"

namespace sb::diff {

/// Written at its end, read at random.
class SpillFile final : public Sink, public Reader {
public:
    /// In the folder for temporary files ($TMPDIR). Throws std::system_error.
    SpillFile();
    SpillFile(const SpillFile&) = delete;
    SpillFile& operator=(const SpillFile&) = delete;
    ~SpillFile();

    /// Throws std::system_error; std::length_error from 4 GiB.
    void write(Bytes bytes) override;

    [[nodiscard]] std::uint32_t bytes() const override { return bytes_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;

    /// Writes all of it to `to`. Throws std::system_error.
    void copy_to(Sink& to);

private:
    int file_;
    std::uint32_t bytes_ = 0;
};

}  // namespace sb::diff
