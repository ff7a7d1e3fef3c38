// tools/cli: a file read at random, for work whose memory must not grow with its files.
#pragma once

#include <sys/types.h>

#include "core/base/reader.hpp"
#include "tools/cli/files.hpp"
#include "tools/diff/big_buffer.hpp"

namespace sb::cli {

/// Keeps the blocks that were read last.
class FileReader final : public Reader {
public:
    /// Throws Failure: environment, or bad_input from 4 GiB.
    explicit FileReader(const std::string& path);
    [[nodiscard]] std::uint32_t bytes() const override { return bytes_; }
    [[nodiscard]] Result<void> read(std::uint32_t offset, MutableBytes out) override;
    /// Which file it is, so that two names of one file are told.
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    static constexpr std::uint32_t block_bytes = 1U << 14;
    static constexpr std::uint32_t none = ~0U;

    [[nodiscard]] Result<Bytes> block(std::uint32_t number);
    [[nodiscard]] Result<void> read_through(std::uint32_t offset, MutableBytes out) const;

    std::string path_;
    Descriptor file_;
    std::uint32_t bytes_ = 0;
    std::vector<std::uint32_t> held_;  ///< number of the block in each place
    diff::BigBuffer cache_;            ///< its pages come with the blocks
};

}  // namespace sb::cli
