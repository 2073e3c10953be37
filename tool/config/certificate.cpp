#include "tool/config/certificate.hpp"

#include <ctime>
#include <memory>
#include <stdexcept>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "api/environment.hpp"
#include "api/names.hpp"
#include "net/tls.hpp"

namespace aemp::tool {
namespace {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using x509_ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using bio_ptr = std::unique_ptr<BIO, decltype(&BIO_free)>;

constexpr long day = 86400;

struct identity {
  x509_ptr certificate{nullptr, X509_free};
  key_ptr key{nullptr, EVP_PKEY_free};
};

void must(bool worked) {
  if (!worked) throw std::runtime_error("OpenSSL could not make a certificate");
}

template <class Print>
std::string printed(Print print) {
  const bio_ptr bio(BIO_new(BIO_s_mem()), BIO_free);
  must(bio != nullptr && print(bio.get()) == 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string pem_of(const X509* certificate) {
  return printed([&](BIO* to) { return PEM_write_bio_X509(to, certificate); });
}

std::string pem_of(EVP_PKEY* key) {
  return printed(
      [&](BIO* to) { return PEM_write_bio_PKCS8PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr); });
}

void extend(X509* certificate, int what, const char* content) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, content);
  must(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

std::string as_uri(const std::string& name) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string uri = "aemp:";
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c > ' ' && byte < 0x7f && c != '%') {
      uri += c;
    } else {
      uri += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return uri;
}

void name_in(X509* certificate, const std::vector<std::string>& names) {
  if (names.empty()) return;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> all(GENERAL_NAMES_new(),
                                                                          GENERAL_NAMES_free);
  must(all != nullptr);
  for (const std::string& name : names) {
    std::unique_ptr<GENERAL_NAME, decltype(&GENERAL_NAME_free)> one(GENERAL_NAME_new(), GENERAL_NAME_free);
    ASN1_IA5STRING* const uri = ASN1_IA5STRING_new();
    const std::string text = as_uri(name);
    must(one != nullptr && uri != nullptr &&
         ASN1_STRING_set(uri, text.data(), static_cast<int>(text.size())) == 1);
    GENERAL_NAME_set0_value(one.get(), GEN_URI, uri);
    must(sk_GENERAL_NAME_push(all.get(), one.get()) > 0);
    (void)one.release();
  }
  must(X509_add1_ext_i2d(certificate, NID_subject_alt_name, all.get(), 0, X509V3_ADD_DEFAULT) == 1);
}

// The issuer signs the certificate; null: it is self-signed.
identity make(const std::string& name, long days, bool authority, const identity* issuer,
              const std::vector<std::string>& names = {}) {
  identity made{{X509_new(), X509_free}, {EVP_EC_gen("P-256"), EVP_PKEY_free}};
  X509* const x = made.certificate.get();
  must(x != nullptr && made.key != nullptr && X509_set_version(x, 2) == 1);
  unsigned char serial[16];
  must(RAND_bytes(serial, sizeof serial) == 1);
  serial[0] &= 0x7f;  // it is a positive number
  BIGNUM* const number = BN_bin2bn(serial, sizeof serial, nullptr);
  must(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x)) != nullptr);
  BN_free(number);
  // The certificate is valid since yesterday, because not every clock is right.
  must(X509_gmtime_adj(X509_getm_notBefore(x), -day) != nullptr &&
       X509_gmtime_adj(X509_getm_notAfter(x), days * day) != nullptr &&
       X509_set_pubkey(x, made.key.get()) == 1);
  must(X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(name.data()),
                                  static_cast<int>(name.size()), -1, 0) == 1);
  const identity& by = issuer != nullptr ? *issuer : made;
  if (issuer != nullptr &&
      ASN1_TIME_compare(X509_get0_notAfter(by.certificate.get()), X509_get0_notAfter(x)) < 0)
    must(X509_set1_notAfter(x, X509_get0_notAfter(by.certificate.get())) == 1);
  must(X509_set_issuer_name(x, X509_get_subject_name(by.certificate.get())) == 1);
  name_in(x, names);
  if (authority) extend(x, NID_basic_constraints, "critical,CA:TRUE");
  must(X509_sign(x, by.key.get(), EVP_sha256()) > 0);
  return made;
}

x509_ptr read_certificate(const std::string& pem) {
  const bio_ptr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  x509_ptr found(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), X509_free);
  ERR_clear_error();
  return found;
}

key_ptr read_key(const std::string& pem) {
  const bio_ptr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  const auto no_password = [](char*, int, int, void*) { return 0; };
  key_ptr found(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr), EVP_PKEY_free);
  ERR_clear_error();
  return found;
}

std::string common_name(const X509_NAME* name) {
  char text[256];
  const int size = X509_NAME_get_text_by_NID(name, NID_commonName, text, sizeof text);
  return size > 0 ? std::string(text, static_cast<std::size_t>(size)) : std::string("(no name)");
}

}  // namespace

std::string make_shared_certificate() {
  const identity made = make("AnyEvent::MP", 3652, false, nullptr);
  return pem_of(made.certificate.get()) + pem_of(made.key.get());
}

std::string make_authority(const std::string& name) {
  const identity made = make(name, 7305, true, nullptr);
  return pem_of(made.certificate.get()) + pem_of(made.key.get());
}

result<std::string> make_node_certificate(const std::string& authority, const std::string& node,
                                          const std::vector<std::string>& names) {
  identity by{read_certificate(authority), read_key(authority)};
  if (by.certificate == nullptr || by.key == nullptr ||
      X509_check_private_key(by.certificate.get(), by.key.get()) != 1 ||
      X509_check_ca(by.certificate.get()) != 1) {
    ERR_clear_error();
    return error{"bad_certificate",
                 "it is no authority: a certificate that may sign others, and its key, are "
                 "expected, as aemp genca makes them"};
  }
  if (X509_cmp_current_time(X509_get0_notAfter(by.certificate.get())) < 0)
    return error{"bad_certificate", "the authority has expired; make a new one with aemp genca"};
  const identity made = make(node.substr(0, 64), 3652, false, &by, names);
  return pem_of(made.certificate.get()) + pem_of(by.certificate.get()) + pem_of(made.key.get());
}

result<certificate_facts> facts_of(const std::string& pem) {
  const x509_ptr certificate = read_certificate(pem);
  if (certificate == nullptr) return error{"bad_certificate", "there is no certificate in it"};
  const X509* const x = certificate.get();
  certificate_facts facts{common_name(X509_get_subject_name(x)),
                          common_name(X509_get_issuer_name(x)),
                          {},
                          0,
                          net::names_certified_in(pem)};
  std::tm until{};
  int days = 0, seconds = 0;
  if (ASN1_TIME_to_tm(X509_get0_notAfter(x), &until) != 1 ||
      ASN1_TIME_diff(&days, &seconds, nullptr, X509_get0_notAfter(x)) != 1) {
    return error{"bad_certificate", "its dates cannot be read"};
  }
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d", &until);
  facts.until = text;
  facts.days_left = seconds < 0 ? std::min(days, -1) : days;
  return facts;
}

std::string random_letters(std::size_t count) { return api::random_word(machine_environment(), count); }

}  // namespace aemp::tool
