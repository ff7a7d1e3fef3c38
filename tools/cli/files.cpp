#include "tools/cli/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tools/cli/failure.hpp"

namespace sb::cli {
namespace {

constexpr std::uint64_t most_file_bytes = std::uint64_t{1} << 32;

[[noreturn]] void fail_at(const std::string& path, const char* what, const char* fix) {
    throw Failure(Exit::environment, fmt::format("{}: {}", what, std::strerror(errno)), path, fix);
}

bool write_all(int fd, Bytes data) {
    while (!data.empty()) {
        const ssize_t n = ::write(fd, data.data(), data.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        data = data.subspan(static_cast<std::size_t>(n));
    }
    return true;
}

/// Devices and pipes (/dev/null, /dev/stdout) are written to; only regular files are replaced.
bool is_special(const std::string& path) {
    struct stat s{};
    return ::stat(path.c_str(), &s) == 0 && !S_ISREG(s.st_mode);
}

/// Follows a symbolic link, so that the file it points to is replaced and not the link.
std::string final_path(const std::string& path) {
    std::error_code error;
    const auto real = std::filesystem::canonical(path, error);
    return error ? path : real.string();
}

}  // namespace

Buffer read_file(const std::string& path) {
    const Descriptor in(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!in.ok()) fail_at(path, "cannot open", "check the path and its permissions");
    constexpr std::size_t step = std::size_t{1} << 16;
    struct stat s{};
    const bool regular = ::fstat(in.get(), &s) == 0 && S_ISREG(s.st_mode);
    const std::uint64_t expected = regular ? static_cast<std::uint64_t>(s.st_size) : 0;
    Buffer data(expected <= most_file_bytes ? static_cast<std::size_t>(expected) : 0);
    for (std::size_t had = 0;;) {
        std::uint8_t beyond = 0;  // a file that is as long as it says needs no more room to come to its end
        const bool full = had == data.size();
        const ssize_t n = full ? ::read(in.get(), &beyond, 1) : ::read(in.get(), data.data() + had, data.size() - had);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) fail_at(path, "cannot read", "check that it is a file");
        if (n == 0) {
            data.resize(had);
            return data;
        }
        if (full) {
            data.resize(had + step);
            data[had] = beyond;
        }
        had += static_cast<std::size_t>(n);
        if (had > most_file_bytes)
            throw Failure(Exit::bad_input, "larger than 4 GiB", path, "check that it is the right file");
    }
}

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

FileWriter::FileWriter(const std::string& path, bool secret)
    : path_(path),
      target_(final_path(path)),
      aside_(is_special(path) ? std::string() : fmt::format("{}.{}.tmp", target_, ::getpid())),
      file_(aside_.empty() ? ::open(path.c_str(), O_WRONLY | O_CLOEXEC)
                           : ::open(aside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, secret ? 0600 : 0666)) {
    if (file_.ok()) return;
    const bool special = aside_.empty();
    aside_.clear();  // what is there under that name is not ours
    fail_here(special ? "name another file" : "check that the directory exists and may be written");
}

FileWriter::~FileWriter() {
    if (!aside_.empty()) ::unlink(aside_.c_str());
}

void FileWriter::fail_here(const char* fix) const {
    fail_at(path_, "cannot write", fix);
}

void FileWriter::write(Bytes data) {
    if (!write_all(file_.get(), data)) fail_here(aside_.empty() ? "name another file" : "check the room on the disk");
}

void FileWriter::commit() {
    if (!aside_.empty() && ::fsync(file_.get()) != 0) fail_here("check the room on the disk");
    commit_unflushed();
}

void FileWriter::commit_unflushed() {
    if (aside_.empty()) return;
    if (::rename(aside_.c_str(), target_.c_str()) != 0) fail_here("check the room on the disk");
    aside_.clear();
}

void write_file(const std::string& path, Bytes data, bool secret) {
    FileWriter file(path, secret);
    file.write(data);
    file.commit();
}

void write_file(const std::string& path, const std::string& text, bool secret) {
    write_file(path, Bytes(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), secret);
}

void refuse_overwriting(const std::string& output, const std::vector<std::string>& inputs) {
    for (const std::string& input : inputs) {
        std::error_code error;
        if (!std::filesystem::equivalent(output, input, error) || error) continue;
        if (is_special(output)) continue;
        throw Failure(Exit::usage, "the output would overwrite its input", output, "name another output file");
    }
}

void refuse_inside(const std::string& out, const std::string& dir) {
    std::error_code error;
    const auto folder = std::filesystem::weakly_canonical(dir, error);
    const auto file = std::filesystem::weakly_canonical(out, error);
    const auto relative = file.lexically_relative(folder);
    if (relative.empty() || *relative.begin() == "..") return;
    throw Failure(Exit::usage, "the output lies inside the device", out, "write it somewhere else");
}

}  // namespace sb::cli
