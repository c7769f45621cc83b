/**
 * What is used of the optional package `pkcs11js`, by its documentation: where it could not be compiled it is not there,
 * and its types with it.
 */
declare module 'pkcs11js' {
  type Handle = Buffer;
  interface Attribute {
    type: number;
    value?: number | boolean | string | Buffer;
  }
  type Template = Attribute[];
  interface Mechanism {
    mechanism: number;
    parameter?: Buffer | object | null;
  }
  interface TokenInfo {
    label: string;
    flags: number;
  }

  /** Throws an Error whose message is the standard's name of what went wrong. */
  class PKCS11 {
    load(path: string): void;
    close(): void;
    C_Initialize(): void;
    C_Finalize(): void;
    C_GetSlotList(tokenPresent?: boolean): Handle[];
    C_GetTokenInfo(slot: Handle): TokenInfo;
    C_GetMechanismList(slot: Handle): number[];
    C_OpenSession(slot: Handle, flags: number): Handle;
    C_CloseSession(session: Handle): void;
    C_Login(session: Handle, userType: number, pin?: string): void;
    C_CreateObject(session: Handle, template: Template): Handle;
    C_DestroyObject(session: Handle, object: Handle): void;
    C_FindObjectsInit(session: Handle, template: Template): void;
    C_FindObjects(session: Handle, most: number): Handle[];
    C_FindObjectsFinal(session: Handle): void;
    C_GetAttributeValue(
      session: Handle,
      object: Handle,
      template: Template,
    ): { type: number; value: Buffer }[];
    C_EncryptInit(session: Handle, mechanism: Mechanism, key: Handle): void;
    C_Encrypt(session: Handle, plain: Buffer, out: Buffer): Buffer;
    C_DecryptInit(session: Handle, mechanism: Mechanism, key: Handle): void;
    C_Decrypt(session: Handle, sealed: Buffer, out: Buffer): Buffer;
    C_SignInit(session: Handle, mechanism: Mechanism, key: Handle): void;
    C_Sign(session: Handle, data: Buffer, out: Buffer): Buffer;
    C_DeriveKey(session: Handle, mechanism: Mechanism, base: Handle, template: Template): Handle;
  }

  const CKA_CLASS: number;
  const CKA_DECRYPT: number;
  const CKA_DERIVE: number;
  const CKA_ENCRYPT: number;
  const CKA_EXTRACTABLE: number;
  const CKA_KEY_TYPE: number;
  const CKA_LABEL: number;
  const CKA_PRIVATE: number;
  const CKA_SENSITIVE: number;
  const CKA_SIGN: number;
  const CKA_TOKEN: number;
  const CKA_VALUE: number;
  const CKA_VALUE_LEN: number;
  const CKF_RW_SESSION: number;
  const CKF_SERIAL_SESSION: number;
  const CKF_USER_PIN_FINAL_TRY: number;
  const CKF_USER_PIN_LOCKED: number;
  const CKK_AES: number;
  const CKK_GENERIC_SECRET: number;
  const CKM_AES_CBC_ENCRYPT_DATA: number;
  const CKM_AES_GCM: number;
  const CKM_SHA256_HMAC: number;
  const CKO_SECRET_KEY: number;
  const CKU_USER: number;
  const CK_PARAMS_AES_CBC: number;
  const CK_PARAMS_AES_GCM: number;
}
