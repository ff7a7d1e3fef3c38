#include "sim/device/store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

namespace sb::sim {
namespace {

namespace fs = std::filesystem;
using Kind = pack::Problem::Kind;

constexpr const char* saving = ".saving";        // being written: forgotten after a crash
constexpr const char* committed = ".committed";  // complete: moved into place after a crash
constexpr const char* removals = ".removals";    // names to remove, one a line

std::unexpected<pack::Problem> cannot(const fs::path& what, const std::string& verb, const std::string& why) {
    return pack::problem(Kind::environment, what.string(), "cannot " + verb + ": " + why,
                         "check permissions and the room on the disk");
}

pack::Outcome<void> write_through(const fs::path& file, Bytes data) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) return cannot(file, "write", std::strerror(errno));
    bool good = true;
    while (good && !data.empty()) {
        const ssize_t n = ::write(fd, data.data(), data.size());
        good = n > 0 || (n < 0 && errno == EINTR);
        if (n > 0) data = data.subspan(static_cast<std::size_t>(n));
    }
    good = good && ::fsync(fd) == 0;
    const int error = errno;
    ::close(fd);
    if (!good) return cannot(file, "write", std::strerror(error));
    return {};
}

void sync_directory(const fs::path& dir) {
    const int fd = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return;
    ::fsync(fd);
    ::close(fd);
}

Bytes bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

Store::Store(Store&& other) noexcept : dir_(std::move(other.dir_)), lock_(std::exchange(other.lock_, -1)) {}

Store::~Store() {
    if (lock_ >= 0) ::close(lock_);
}

pack::Outcome<Store> Store::open(const fs::path& dir, Access access) {
    std::error_code error;
    if (!fs::is_directory(dir, error))
        return pack::problem(Kind::environment, dir.string(), "no such directory",
                             "make a device with 'switchback device new'");
    // Nothing is left behind in a directory that is no device. (A device that is being saved has its files aside.)
    if (access != Access::fresh && !fs::exists(dir / "device.json", error) && !fs::exists(dir / saving, error) &&
        !fs::exists(dir / committed, error))
        return pack::problem(Kind::bad_input, dir.string(), "not a device directory",
                             "make a device with 'switchback device new'");
    int fd = ::open((dir / ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    // Where nothing can be written nobody writes: the directory itself serves as the lock of its readers.
    if (fd < 0 && access == Access::read && (errno == EROFS || errno == EACCES))
        fd = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return cannot(dir / ".lock", "lock the device", std::strerror(errno));
    Store store(dir, fd);
    // What a killed program left must be tidied by one alone, even where nothing else is to be written.
    const bool alone = access != Access::read || fs::exists(dir / saving, error) || fs::exists(dir / committed, error);
    if (::flock(fd, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0)
        return pack::problem(Kind::environment, dir.string(), "another program is using the device",
                             "wait until it has ended");
    if (alone)
        if (auto done = store.recover(); !done) return std::unexpected(done.error());
    return store;
}

pack::Outcome<std::optional<std::vector<std::uint8_t>>> Store::read(const std::string& name) const {
    const fs::path file = dir_ / name;
    std::error_code error;
    if (!fs::exists(file, error)) return std::nullopt;
    if (!fs::is_regular_file(file, error)) return cannot(file, "read", "not a file");
    const auto bytes = fs::file_size(file, error);
    if (error) return cannot(file, "read", error.message());
    std::ifstream in(file, std::ios::binary);
    std::vector<std::uint8_t> data(bytes);
    in.read(reinterpret_cast<char*>(data.data()), static_cast<std::streamsize>(bytes));
    if (!in) return cannot(file, "read", "input error");
    return data;
}

std::vector<std::string> Store::list(const std::string& sub) const {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator at(dir_ / sub, error), end; !error && at != end; at.increment(error))
        names.push_back(at->path().filename().string());
    std::ranges::sort(names);
    return names;
}

pack::Outcome<void> Store::replace(const std::map<std::string, std::vector<std::uint8_t>>& files,
                                   const std::vector<std::string>& gone) {
    std::error_code error;
    const fs::path aside = dir_ / saving;
    fs::remove_all(aside, error);
    std::string removed;
    for (const std::string& name : gone) removed += name + "\n";
    if (!fs::create_directory(aside, error)) return cannot(aside, "write", error.message());
    for (const auto& [name, data] : files) {
        fs::create_directories((aside / name).parent_path(), error);
        if (auto written = write_through(aside / name, data); !written) {
            fs::remove_all(aside, error);
            return written;
        }
    }
    if (auto written = write_through(aside / removals, bytes_of(removed)); !written) return written;
    sync_directory(aside);
    fs::rename(aside, dir_ / committed, error);
    if (error) return cannot(dir_, "write", error.message());
    sync_directory(dir_);
    return finish_commit();
}

pack::Outcome<void> Store::finish_commit() {
    const fs::path from = dir_ / committed;
    std::error_code error;
    std::ifstream gone(from / removals);
    for (std::string name; std::getline(gone, name);) fs::remove(dir_ / name, error);
    std::vector<fs::path> names;
    for (fs::recursive_directory_iterator at(from, error), end; !error && at != end; at.increment(error))
        if (at->is_regular_file() && at->path().filename() != removals) names.push_back(at->path());
    for (const fs::path& file : names) {
        const fs::path target = dir_ / fs::relative(file, from);
        fs::create_directories(target.parent_path(), error);
        fs::rename(file, target, error);
        if (error) return cannot(target, "write", error.message());
    }
    sync_directory(dir_);
    fs::remove_all(from, error);
    return {};
}

pack::Outcome<void> Store::recover() {
    std::error_code error;
    fs::remove_all(dir_ / saving, error);
    if (fs::exists(dir_ / committed, error)) return finish_commit();
    return {};
}

}  // namespace sb::sim
