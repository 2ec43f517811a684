import * as fs from 'fs';

export interface Side {
  readonly load_balancer_dns_name: string;
  readonly load_balancer: string;
  readonly target_group: string;
}

export interface Service {
  readonly region: string;
  readonly new_weight: number;
  readonly old: Side;
  readonly new: Side;
  readonly endpoints: { readonly path: string }[];
}

export type SideName = 'old' | 'new';

export const EDGE_REGION = 'us-east-1';
export const ROOT = `${__dirname}/../../../..`;

export function declaredServices(file: string): Record<string, Service> {
  return JSON.parse(fs.readFileSync(file, 'utf-8'));
}

export function slug(path: string): string {
  return path.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'root';
}
