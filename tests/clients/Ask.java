// Reads questions from standard input and writes answers, as real_clients.cpp says.
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.DSAKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECKey;
import java.security.interfaces.RSAKey;
import java.security.spec.ECFieldFp;
import java.security.spec.ECPoint;
import java.security.spec.EllipticCurve;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

public class Ask {
  static final List<byte[]> certificates = new ArrayList<>();

  // Null where Java does not read it.
  static X509Certificate read(byte[] der) {
    try {
      CertificateFactory factory = CertificateFactory.getInstance("X.509");
      return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der));
    } catch (CertificateException | RuntimeException unreadable) {
      return null;
    }
  }

  // As keytool fills a store of Debian's: what is not read is left out.
  static X509TrustManager manager(String[] numbers) throws Exception {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (String number : numbers) {
      X509Certificate ca = read(certificates.get(Integer.parseInt(number)));
      if (ca != null) store.setCertificateEntry(number, ca);
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  // A handshake needs the server's key, which nothing above looks at where the server itself is trusted.
  static boolean isUsable(PublicKey key) throws GeneralSecurityException {
    if (!(key instanceof ECPublicKey))
      return key instanceof RSAKey || key instanceof EdECKey || key instanceof DSAKey;
    ECPoint point = ((ECPublicKey) key).getW();
    EllipticCurve curve = ((ECPublicKey) key).getParams().getCurve();
    BigInteger prime = ((ECFieldFp) curve.getField()).getP();
    BigInteger x = point.getAffineX();
    BigInteger right = x.pow(3).add(curve.getA().multiply(x)).add(curve.getB());
    if (point.getAffineY().pow(2).subtract(right).mod(prime).signum() != 0) return false;
    // It names curves that it does not calculate on.
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initVerify(key);
    signature.update((byte) 0);
    signature.verify(HexFormat.of().parseHex("3006020101020101"));
    return true;
  }

  static boolean verifies(X509TrustManager manager, byte[] der) {
    X509Certificate server = read(der);
    if (server == null) return false;
    try {
      manager.checkServerTrusted(new X509Certificate[] {server}, "UNKNOWN");
      return isUsable(server.getPublicKey());
    } catch (GeneralSecurityException | RuntimeException refused) {
      return false;
    }
  }

  public static void main(String[] arguments) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
    PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false);
    out.println("Java " + System.getProperty("java.version"));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] fields = line.split(" ");
      if (fields[0].equals("certificate")) certificates.add(HexFormat.of().parseHex(fields[1]));
      if (!fields[0].equals("question")) continue;
      StringBuilder answer = new StringBuilder();
      X509TrustManager manager = null;
      try {
        manager = manager(fields[1].split(","));
      } catch (Exception unusable) {
        // A store that cannot be used: no server verifies.
      }
      for (String number : fields[2].split(","))
        answer.append(
            manager != null && verifies(manager, certificates.get(Integer.parseInt(number))) ? '+' : '-');
      out.println(answer);
    }
    out.flush();
  }
}
