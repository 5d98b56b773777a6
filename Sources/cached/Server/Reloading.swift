/// What SIGHUP asks for: files that may have changed are read again. What cannot be read stays as
/// it is.
extension ServerState {
    func reload() {
        authenticator?.reload()
        reloadCertificates()
    }

    private func reloadCertificates() {
        guard let tls else { return }
        do throws(TLSFailure) {
            try tls.reload()
            Log.info("the certificates were read anew")
        } catch {
            Log.error("the certificates stay as they were: \(error.message)")
        }
    }
}
