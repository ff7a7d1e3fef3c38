// tools/cli: a whole file as bytes without a copy: its pages come when they are looked at.
#pragma once

#include <string>

#include "tools/cli/files.hpp"

namespace sb::cli {

/// The file must not be shortened while it is mapped.
class MappedFile {
public:
    /// Pipes and devices are read whole. Throws Failure (environment).
    explicit MappedFile(const std::string& path);
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();
    [[nodiscard]] Bytes bytes() const { return bytes_; }

private:
    void* mapping_ = nullptr;
    Buffer read_;  ///< where there is nothing to map
    Bytes bytes_;
};

}  // namespace sb::cli
