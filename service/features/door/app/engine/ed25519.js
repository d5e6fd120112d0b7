// Ed25519 for browsers whose WebCrypto has none; loaded only there.
export { verifyAsync } from '@noble/ed25519';
