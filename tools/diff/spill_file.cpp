#include "tools/diff/spill_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <system_error>

namespace sb::diff {
namespace {

[[noreturn]] void fail_with(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

int open_nameless() {
    std::string name = (std::filesystem::temp_directory_path() / "switchback-XXXXXX").string();
    const int file = ::mkostemp(name.data(), O_CLOEXEC);
    if (file < 0) fail_with("cannot make a temporary file");
    ::unlink(name.c_str());
    return file;
}

}  // namespace

SpillFile::SpillFile() : file_(open_nameless()) {}

SpillFile::~SpillFile() {
    ::close(file_);
}

void SpillFile::write(Bytes bytes) {
    if (bytes.size() > std::numeric_limits<std::uint32_t>::max() - bytes_)
        throw std::length_error("the patch, or a part of it, is 4 GiB or larger");
    while (!bytes.empty()) {
        const ssize_t n = ::pwrite(file_, bytes.data(), bytes.size(), bytes_);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) fail_with("cannot write to a temporary file");
        bytes = bytes.subspan(static_cast<std::size_t>(n));
        bytes_ += static_cast<std::uint32_t>(n);
    }
}

Result<void> SpillFile::read(std::uint32_t offset, MutableBytes out) {
    if (offset > bytes_ || out.size() > bytes_ - offset) return fail(Error::out_of_range);
    while (!out.empty()) {
        const ssize_t n = ::pread(file_, out.data(), out.size(), offset);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fail(Error::io);
        out = out.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint32_t>(n);
    }
    return {};
}

void SpillFile::copy_to(Sink& to) {
    std::vector<std::uint8_t> piece(std::size_t{1} << 16);
    for (std::uint32_t at = 0; at < bytes_;) {
        const auto part = MutableBytes(piece).first(std::min<std::size_t>(piece.size(), bytes_ - at));
        if (!read(at, part)) fail_with("cannot read a temporary file");
        to.write(part);
        at += static_cast<std::uint32_t>(part.size());
    }
}

}  // namespace sb::diff
