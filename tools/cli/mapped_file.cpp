#include "tools/cli/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace sb::cli {

MappedFile::MappedFile(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat s{};
    if (file.ok() && ::fstat(file.get(), &s) == 0 && S_ISREG(s.st_mode) && s.st_size > 0) {
        const auto size = static_cast<std::size_t>(s.st_size);
        void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
        if (mapped != MAP_FAILED) {
            mapping_ = mapped;
            bytes_ = {static_cast<const std::uint8_t*>(mapped), size};
            return;
        }
    }
    read_ = read_file(path);
    bytes_ = read_;
}

MappedFile::~MappedFile() {
    if (mapping_ != nullptr) ::munmap(mapping_, bytes_.size());
}

}  // namespace sb::cli
