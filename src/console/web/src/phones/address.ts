/** An address as the service writes it, in its parts: `192.0.2.1:5060` or `[2001:db8::1]:5060`. */
export function partsOf(address: string): { host: string; port: string } {
  const at = address.lastIndexOf(':');
  const host = address.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  return { host, port: address.slice(at + 1) };
}
