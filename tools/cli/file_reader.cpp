#include "tools/cli/file_reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

#include "tools/cli/failure.hpp"

namespace sb::cli {
namespace {

constexpr std::uint32_t most_blocks = 512;  // 8 MB: VCDIFF copies from all over its window

}  // namespace

FileReader::FileReader(const std::string& path) : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat s{};
    if (!file_.ok() || ::fstat(file_.get(), &s) != 0)
        throw Failure(Exit::environment, fmt::format("cannot open: {}", std::strerror(errno)), path,
                      "check the path and its permissions");
    if (!S_ISREG(s.st_mode))
        throw Failure(Exit::environment, "cannot read: not a file", path, "check that it is a file");
    if (s.st_size > std::numeric_limits<std::uint32_t>::max())
        throw Failure(Exit::bad_input, "4 GiB or larger", path, "files below 4 GiB can be patched");
    bytes_ = static_cast<std::uint32_t>(s.st_size);
    const std::uint32_t blocks = bytes_ / block_bytes + 1;
    held_.assign(std::min(blocks, most_blocks), none);
    cache_ = diff::BigBuffer(held_.size() * block_bytes, diff::BigBuffer::quick);
}

Result<void> FileReader::read_through(std::uint32_t offset, MutableBytes out) const {
    while (!out.empty()) {
        const ssize_t n = ::pread(file_.get(), out.data(), out.size(), offset);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return fail(Error::io);
        out = out.subspan(static_cast<std::size_t>(n));
        offset += static_cast<std::uint32_t>(n);
    }
    return {};
}

Result<Bytes> FileReader::block(std::uint32_t number) {
    const std::size_t place = number % most_blocks;  // fewer are held where the file has fewer
    const std::uint32_t count = std::min(block_bytes, bytes_ - number * block_bytes);
    const MutableBytes room(cache_.data() + place * block_bytes, count);
    if (held_[place] != number) {
        held_[place] = none;
        SB_TRY(read_through(number * block_bytes, room));
        held_[place] = number;
    }
    return Bytes(room);
}

Result<void> FileReader::read(std::uint32_t offset, MutableBytes out) {
    if (offset > bytes_ || out.size() > bytes_ - offset) return fail(Error::out_of_range);
    if (out.size() >= 4 * std::size_t{block_bytes}) return read_through(offset, out);
    while (!out.empty()) {
        SB_TRY_ASSIGN(const Bytes held, block(offset / block_bytes));
        const std::uint32_t within = offset % block_bytes;
        const std::size_t count = std::min(out.size(), held.size() - within);
        copy(out.first(count), held.subspan(within, count));
        out = out.subspan(count);
        offset += static_cast<std::uint32_t>(count);
    }
    return {};
}

}  // namespace sb::cli
