#include "activities/net/testing/test_certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>
#include <utility>

namespace reprise::testing {
namespace {

template <auto kFree>
struct Freed {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>>;

void require(bool done, const char* step) {
  if (!done) throw std::runtime_error(std::string("test certificate: ") + step);
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "key");
  return key;
}

std::string take_text(BIO* memory) {
  char* data = nullptr;
  const long bytes = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(bytes)};
}

std::string to_pem(X509* certificate) {
  const Memory memory(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(memory.get(), certificate) == 1, "write certificate");
  return take_text(memory.get());
}

std::string to_pem(EVP_PKEY* key) {
  const Memory memory(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
          "write key");
  return take_text(memory.get());
}

void add_extension(X509* certificate, int kind, const std::string& value) {
  const Extension extension(X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str()));
  require(extension != nullptr, "extension");
  require(X509_add_ext(certificate, extension.get(), -1) == 1, "add extension");
}

// A certificate with a name, a serial number, a key and a time, neither extended nor signed.
Certificate make_certificate(EVP_PKEY* key, const std::string& common_name, long serial) {
  Certificate certificate(X509_new());
  require(certificate != nullptr, "certificate");
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 86'400);
  X509_set_pubkey(certificate.get(), key);
  const auto* const text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  require(X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1, "name");
  return certificate;
}

}  // namespace

struct TestAuthority::Parts {
  Key key;
  Certificate certificate;
};

TestAuthority::TestAuthority() {
  Key key = make_key();
  Certificate own = make_certificate(key.get(), "reprise test authority", 1);
  X509_set_issuer_name(own.get(), X509_get_subject_name(own.get()));
  add_extension(own.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(own.get(), NID_key_usage, "critical,keyCertSign");
  require(X509_sign(own.get(), key.get(), EVP_sha256()) > 0, "sign");
  parts_ = std::make_unique<Parts>(std::move(key), std::move(own));
}

TestAuthority::~TestAuthority() = default;

std::string TestAuthority::certificate() const { return to_pem(parts_->certificate.get()); }

TestIdentity TestAuthority::issue(const std::string& names) const {
  const Key key = make_key();
  const Certificate issued = make_certificate(key.get(), "reprise test server", 2);
  X509_set_issuer_name(issued.get(), X509_get_subject_name(parts_->certificate.get()));
  add_extension(issued.get(), NID_subject_alt_name, names);
  add_extension(issued.get(), NID_ext_key_usage, "serverAuth");
  require(X509_sign(issued.get(), parts_->key.get(), EVP_sha256()) > 0, "sign");
  return {.certificate = to_pem(issued.get()), .key = to_pem(key.get())};
}

}  // namespace reprise::testing
