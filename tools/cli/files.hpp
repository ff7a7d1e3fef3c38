// tools/cli: files in and out. What is written appears whole under its name or not at all; what is flushed, also when
// the power of this machine is cut.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"

namespace sb::cli {

using Buffer = std::vector<std::uint8_t>;

/// The whole file. Throws Failure (environment).
[[nodiscard]] Buffer read_file(const std::string& path);

/// A file descriptor that closes itself.
class Descriptor {
public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor();
    [[nodiscard]] int get() const { return fd_; }
    [[nodiscard]] bool ok() const { return fd_ >= 0; }

private:
    int fd_;
};

/// A file written piece by piece beside its place and moved there by commit(); without commit() nothing is left.
/// Devices and pipes are written to as they are. Each call throws Failure (environment).
class FileWriter {
public:
    /// With `secret` only the owner may read the file.
    explicit FileWriter(const std::string& path, bool secret = false);
    FileWriter(const FileWriter&) = delete;
    FileWriter& operator=(const FileWriter&) = delete;
    ~FileWriter();
    void write(Bytes data);
    /// Flushes to the disk and renames.
    void commit();
    /// Renames; the disk gets it when the system comes to it. For what can be made again: a disk takes longer than
    /// many a patch.
    void commit_unflushed();

private:
    [[noreturn]] void fail_here(const char* fix) const;

    std::string path_;    ///< as the user named it
    std::string target_;  ///< where a link leads
    std::string aside_;   ///< empty when the output is special, or moved
    Descriptor file_;
};

/// Writes a whole file with a FileWriter.
void write_file(const std::string& path, Bytes data, bool secret = false);
void write_file(const std::string& path, const std::string& text, bool secret = false);

/// Throws Failure (usage) when `output` is the same file as one of `inputs`.
void refuse_overwriting(const std::string& output, const std::vector<std::string>& inputs);

/// Throws Failure when `out` lies inside the device directory `dir`: a result must not overwrite the device.
void refuse_inside(const std::string& out, const std::string& dir);

}  // namespace sb::cli
