// yyjson, over a document that is made beforehand, with memory that is taken once.
#include <stdexcept>

#include <yyjson.h>

#include "peers.hpp"

Encode by_yyjson(std::string_view json) {
  std::shared_ptr<yyjson_doc> document(yyjson_read(json.data(), json.size(), 0), yyjson_doc_free);
  if (!document) {
    throw std::runtime_error("yyjson can't read the document");
  }
  // Escapes may take six bytes for one, and yyjson asks for as much as that.
  auto memory = std::make_shared<std::vector<char>>(64 * json.size() + (1 << 20));
  return [document, memory] {
    yyjson_alc allocator;
    yyjson_alc_pool_init(&allocator, memory->data(), memory->size());
    std::size_t size = 0;
    const char *text = yyjson_write_opts(document.get(), 0, &allocator, &size, nullptr);
    return std::string_view(text, text ? size : 0);
  };
}
