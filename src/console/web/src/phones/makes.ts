/** What is typed into a field. */
export type Value = 'extension' | 'name' | 'password' | 'host' | 'port' | 'transport' | 'server' | 'on';

/** A make of phone: where its page for an account is, and its fields by the names they have there. */
export interface Make {
  name: string;
  menu: string;
  fields: readonly (readonly [label: string, value: Value])[];
}

/** The names are those on the phones' own pages, as their makers' manuals have them. */
export const MAKES: readonly Make[] = [
  {
    name: 'Yealink',
    menu: 'Account → Register',
    fields: [
      ['Line Active', 'on'],
      ['Display Name', 'name'],
      ['Register Name', 'extension'],
      ['User Name', 'extension'],
      ['Password', 'password'],
      ['SIP Server 1 → Server Host', 'host'],
      ['SIP Server 1 → Port', 'port'],
      ['SIP Server 1 → Transport', 'transport'],
    ],
  },
  {
    name: 'Grandstream',
    menu: 'Accounts → Account 1 → General Settings',
    fields: [
      ['Account Active', 'on'],
      ['SIP Server', 'server'],
      ['SIP User ID', 'extension'],
      ['Authenticate ID', 'extension'],
      ['Authenticate Password', 'password'],
      ['Name', 'name'],
      ['SIP Settings → SIP Transport', 'transport'],
    ],
  },
  {
    name: 'Fanvil',
    menu: 'Line → SIP',
    fields: [
      ['Activate', 'on'],
      ['Username', 'extension'],
      ['Display Name', 'name'],
      ['Authentication User', 'extension'],
      ['Authentication Password', 'password'],
      ['SIP Proxy Server Address', 'host'],
      ['SIP Proxy Server Port', 'port'],
      ['Transport Protocol', 'transport'],
    ],
  },
  {
    name: 'Snom',
    menu: 'Setup → Identity 1 → Login',
    fields: [
      ['Identity Active', 'on'],
      ['Displayname', 'name'],
      ['Account', 'extension'],
      ['Password', 'password'],
      ['Registrar', 'server'],
      ['Authentication Username', 'extension'],
    ],
  },
  {
    name: 'Poly',
    menu: 'Settings → Lines → Line 1',
    fields: [
      ['Display Name', 'name'],
      ['Address', 'extension'],
      ['Authentication User ID', 'extension'],
      ['Authentication Password', 'password'],
      ['Server 1 → Address', 'host'],
      ['Server 1 → Port', 'port'],
      ['Server 1 → Transport', 'transport'],
    ],
  },
  {
    name: 'Cisco MPP',
    menu: 'Voice → Ext 1',
    fields: [
      ['Line Enable', 'on'],
      ['SIP Transport', 'transport'],
      ['Proxy', 'server'],
      ['Register', 'on'],
      ['Display Name', 'name'],
      ['User ID', 'extension'],
      ['Auth ID', 'extension'],
      ['Password', 'password'],
    ],
  },
  {
    name: 'Linphone',
    menu: 'Assistant → Use a SIP account',
    fields: [
      ['Username', 'extension'],
      ['Display name', 'name'],
      ['SIP Domain', 'server'],
      ['Password', 'password'],
      ['Transport', 'transport'],
    ],
  },
];
