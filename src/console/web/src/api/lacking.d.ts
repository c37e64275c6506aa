// Routes that the committed document does not have yet. Once it has been renewed this file goes: the
// document's own types count from then on.
export {};

declare module './schema' {
  interface paths {
    '/api/v1/calls/{id}/script': {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      get: {
        parameters: { query?: { moment?: string | null }; header?: never; path: { id: string }; cookie?: never };
        requestBody?: never;
        responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': {
          line: string; version: string; moment: string; parts: { step: string; text: string; text_en: string }[];
          moments: string[]; forbidden: string[]; courtesy: string[]; apologise: boolean;
          customer?: { name: string; form?: string | null; level?: string | null } | null;
          hints: { text: string; text_en: string }[];
          customer_types: { code: string; name: string; name_en: string; signs: { text: string; text_en: string }; analysis: { text: string; text_en: string }; response: { text: string; text_en: string } }[];
        } } } };
      };
      put?: never; post?: never; delete?: never; options?: never; head?: never; patch?: never; trace?: never;
    };
    '/api/v1/calls/{id}/caller': {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      get: {
        parameters: { query?: never; header?: never; path: { id: string }; cookie?: never };
        requestBody?: never;
        responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': {
          contacts: { call: string; at: string; direction: string; line?: string | null; outcome?: string | null; answered_by?: string | null; talk_ms?: number | null; purpose?: string | null; result?: string | null }[];
          tasks: { id: string }[];
          note?: { version: number; author: string; text?: string | null } | null;
          passed_on_by?: string | null; transfers: number; is_passed_on_too_often: boolean;
        } } } };
      };
      put?: never; post?: never; delete?: never; options?: never; head?: never; patch?: never; trace?: never;
    };
    '/api/v1/directory': {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      get: {
        parameters: { query?: { q?: string | null; call?: string | null }; header?: never; path?: never; cookie?: never };
        requestBody?: never;
        responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': {
          items: { name: string; department?: string | null; function?: string | null; agent?: string | null; line?: string | null; number?: string | null; can_be_target?: boolean | null }[];
        } } } };
      };
      put?: never; post?: never; delete?: never; options?: never; head?: never; patch?: never; trace?: never;
    };
  }
}
