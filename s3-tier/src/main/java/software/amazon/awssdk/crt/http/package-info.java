/**
 * Firn's window into the CRT's HTTP client, in its package because what it needs is not public there:
 * {@link software.amazon.awssdk.crt.http.DirectBodies}, and nothing else. Stateless.
 *
 * <p>docs/decisions/2026-11-21-crt-copies.md says what it gains, and when it goes.
 */
package software.amazon.awssdk.crt.http;
