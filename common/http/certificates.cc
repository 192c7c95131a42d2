#include "common/http/certificates.h"

#include <arpa/inet.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "common/base/free_with.h"

namespace http {
using base::Error;
using base::ErrorCode;
using base::Result;
namespace {

void free_names(GENERAL_NAMES* names) { GENERAL_NAMES_free(names); }
using BioPtr = std::unique_ptr<BIO, base::FreeWith<BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, base::FreeWith<X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, base::FreeWith<EVP_PKEY_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, base::FreeWith<free_names>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, base::FreeWith<X509_EXTENSION_free>>;
using BigPtr = std::unique_ptr<BIGNUM, base::FreeWith<BN_free>>;
using TimePtr = std::unique_ptr<ASN1_TIME, base::FreeWith<ASN1_TIME_free>>;

constexpr long kVersion3 = 2;
constexpr int kSerialBits = 120;

Error invalid(const std::string& what) {
  ERR_clear_error();
  return Error{ErrorCode::kInvalid, what};
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

TlsIdentity to_pem(X509* certificate, EVP_PKEY* key) {
  const BioPtr certificate_text(BIO_new(BIO_s_mem()));
  const BioPtr key_text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate_text.get(), certificate);
  PEM_write_bio_PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return TlsIdentity{text_of(certificate_text.get()), text_of(key_text.get())};
}

bool add_name(X509_NAME* name, int nid, const std::string& value) {
  return X509_NAME_add_entry_by_NID(name, nid, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool add_alternative(GENERAL_NAMES* names, int type, const std::string& value) {
  ASN1_STRING* text = ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_STRING_set(text, value.data(), static_cast<int>(value.size()));
  GENERAL_NAME_set0_value(name, type, text);
  return sk_GENERAL_NAME_push(names, name) > 0;
}

// The bytes of a numeric address; "" if it is none.
std::string address_bytes(const std::string& address) {
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 4);
  if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1) return std::string(bytes.data(), 16);
  return "";
}

Result<> add_alternatives(X509* certificate, const CertificateRequest& request) {
  const NamesPtr names(GENERAL_NAMES_new());
  for (const std::string& name : request.dns_names) add_alternative(names.get(), GEN_DNS, name);
  for (const std::string& uri : request.uris) add_alternative(names.get(), GEN_URI, uri);
  for (const std::string& address : request.addresses) {
    const std::string bytes = address_bytes(address);
    if (bytes.empty()) return invalid("not a numeric address: \"" + address + "\"");
    add_alternative(names.get(), GEN_IPADD, bytes);
  }
  if (sk_GENERAL_NAME_num(names.get()) == 0) return {};
  X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, 0);
  return {};
}

void set_validity(X509* certificate, Validity validity) {
  const auto set = [](ASN1_TIME* to, base::Time t) {
    ASN1_TIME_set(to, std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count());
  };
  set(X509_getm_notBefore(certificate), validity.from);
  set(X509_getm_notAfter(certificate), validity.until);
}

// A certificate that is not signed yet.
Result<X509Ptr> draft(EVP_PKEY* key, const std::string& common_name, const std::vector<std::string>& organizations,
                      Validity validity) {
  X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), kVersion3);
  const BigPtr serial(BN_new());
  BN_rand(serial.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY);
  BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate.get()));
  set_validity(certificate.get(), validity);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  bool named = true;
  for (const std::string& organization : organizations) {
    named = named && add_name(name, NID_organizationName, organization);
  }
  named = named && (common_name.empty() || add_name(name, NID_commonName, common_name));
  if (!named) return invalid("a name that cannot stand in a certificate (up to 64 characters of UTF-8)");
  X509_set_pubkey(certificate.get(), key);
  return certificate;
}

std::string to_string(const ASN1_STRING* text) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, text);
  if (size < 0) return "";
  std::string result(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  return result;
}

base::Time to_time(const ASN1_TIME* t) {
  const TimePtr epoch(ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int seconds = 0;
  ASN1_TIME_diff(&days, &seconds, epoch.get(), t);
  return base::Time(std::chrono::days(days) + std::chrono::seconds(seconds));
}

void describe_alternatives(X509* certificate, PeerCertificate& out) {
  const NamesPtr names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const void* value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
    if (type == GEN_DNS) out.dns_names.push_back(to_string(static_cast<const ASN1_STRING*>(value)));
    if (type == GEN_URI) out.uris.push_back(to_string(static_cast<const ASN1_STRING*>(value)));
  }
}

}  // namespace

struct CertificateAuthority::Native {
  X509Ptr certificate;
  KeyPtr key;
};

Result<CertificateAuthority> CertificateAuthority::create(const std::string& common_name, Validity validity) {
  KeyPtr key(EVP_EC_gen("P-256"));
  auto certificate = draft(key.get(), common_name, {}, validity);
  if (!certificate) return certificate.error();
  X509* x = certificate->get();
  X509_set_issuer_name(x, X509_get_subject_name(x));
  add_extension(x, x, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(x, x, NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign");
  add_extension(x, x, NID_subject_key_identifier, "hash");
  if (X509_sign(x, key.get(), EVP_sha256()) == 0) return invalid("the certificate authority cannot sign");
  TlsIdentity pem = to_pem(x, key.get());
  auto native = std::make_shared<Native>(Native{std::move(*certificate), std::move(key)});
  return CertificateAuthority(std::move(pem), std::move(native));
}

Result<CertificateAuthority> CertificateAuthority::load(const TlsIdentity& identity) {
  const BioPtr certificate_text(
      BIO_new_mem_buf(identity.certificate_pem.data(), static_cast<int>(identity.certificate_pem.size())));
  const BioPtr key_text(BIO_new_mem_buf(identity.key_pem.data(), static_cast<int>(identity.key_pem.size())));
  X509Ptr certificate(PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr));
  KeyPtr key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
  if (!certificate || !key) return invalid("the certificate authority is not in PEM form");
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return invalid("the private key does not belong to the certificate authority");
  }
  if (X509_check_ca(certificate.get()) == 0) return invalid("not the certificate of an authority");
  auto native = std::make_shared<Native>(Native{std::move(certificate), std::move(key)});
  return CertificateAuthority(identity, std::move(native));
}

Result<TlsIdentity> CertificateAuthority::issue(const CertificateRequest& request) const {
  const KeyPtr key(EVP_EC_gen("P-256"));
  auto certificate = draft(key.get(), request.common_name, request.organizations, request.validity);
  if (!certificate) return certificate.error();
  X509* x = certificate->get();
  X509* issuer = native_->certificate.get();
  X509_set_issuer_name(x, X509_get_subject_name(issuer));
  add_extension(x, issuer, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(x, issuer, NID_key_usage, "critical,digitalSignature");
  add_extension(x, issuer, NID_ext_key_usage, request.for_server ? "serverAuth" : "clientAuth");
  add_extension(x, issuer, NID_authority_key_identifier, "keyid");
  if (auto added = add_alternatives(x, request); !added) return added.error();
  if (X509_sign(x, native_->key.get(), EVP_sha256()) == 0) return invalid("the certificate authority cannot sign");
  return to_pem(x, key.get());
}

PeerCertificate describe_certificate(X509* certificate) {
  PeerCertificate out;
  const X509_NAME* subject = X509_get_subject_name(certificate);
  for (int i = 0; i < X509_NAME_entry_count(subject); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(subject, i);
    const int nid = OBJ_obj2nid(X509_NAME_ENTRY_get_object(entry));
    std::string value = to_string(X509_NAME_ENTRY_get_data(entry));
    if (nid == NID_organizationName) out.organizations.push_back(value);
    if (nid == NID_commonName) out.common_name = std::move(value);
  }
  describe_alternatives(certificate, out);
  out.valid_from = to_time(X509_get0_notBefore(certificate));
  out.valid_until = to_time(X509_get0_notAfter(certificate));
  return out;
}

Result<PeerCertificate> describe_certificate(const std::string& pem) {
  const BioPtr text(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Ptr certificate(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
  if (!certificate) return invalid("the certificate is not in PEM form");
  return describe_certificate(certificate.get());
}

}  // namespace http
