// Ed25519 for browsers whose WebCrypto lacks it.
export { verifyAsync } from '@noble/ed25519';
