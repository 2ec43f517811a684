// The stacks of every declared service, as an author of TypeScript writes them: CDK's own constructs for everything.
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { declaredServices } from './declaration';
import { EnvironmentStack } from './environment';
import { ObservabilityStack } from './observability';
import { SafetyStack } from './safety';
import { TrafficStack } from './traffic';

const app = new App();
for (const [name, service] of Object.entries(declaredServices(process.env.CUTOVER_DECLARATION!))) {
  const safety = new SafetyStack(app, name, service);
  const environment = new EnvironmentStack(app, name, service);
  const traffic = new TrafficStack(app, name, service, safety, environment);
  const observability = new ObservabilityStack(app, name, service, safety, environment, traffic);
  environment.addStackDependency(safety);
  traffic.addStackDependency(environment);
  observability.addStackDependency(traffic);
}
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
